"""Pictures of articles: fetched, written again by Pillow, and stored to be served by this installation."""
