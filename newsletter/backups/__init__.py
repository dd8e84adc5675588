"""A backup of the whole press in one file, made while it runs, and a press made from one again."""
