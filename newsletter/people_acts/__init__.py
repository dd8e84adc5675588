"""Acts on many people at once: those who were ticked, or everybody whom a search finds."""
