"""Stage 5, sending: plans mailings and sends them, never twice to anybody."""
