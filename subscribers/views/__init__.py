"""The public pages: sign-up, the pages that links in emails open, and the pages for people's own data."""
