"""Stage 6, tracking: receives the provider's reports, turns them into events, and counts them."""
