"""What became of the issues that were sent."""
