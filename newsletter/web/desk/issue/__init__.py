"""The pages about one issue: Contents, Details, Review, Send, and its email."""
