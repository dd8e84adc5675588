"""The emails about corrections: who gets them, and what is done about them."""
