"""The queue of the review board: what readers question, and their complaints about data protection."""
