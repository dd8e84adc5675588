"""The web pages for readers and editors, and the web server."""
