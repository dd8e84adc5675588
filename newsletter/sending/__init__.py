"""Stage 5: to whom, never twice."""
