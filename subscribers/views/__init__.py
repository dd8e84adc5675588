"""The public pages: sign-up, what the links in letters lead to, and what people may do with their own data."""
