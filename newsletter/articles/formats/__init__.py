"""One reader a file: bytes of a source in, entries out."""
