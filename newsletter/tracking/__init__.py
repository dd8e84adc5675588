"""Stage 6, what came back: the provider's reports, taken in, folded into events, and counted."""
