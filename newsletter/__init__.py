"""Turn the latest articles into a finished e-news issue."""

__version__ = "0.1.0"
