"""A small readable language for choosing people: `topic is prostate and joined in last 90 days`."""
