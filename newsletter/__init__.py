"""The press: latest articles in, a finished e-news issue out."""

__version__ = "0.1.0"
