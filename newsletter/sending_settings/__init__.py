"""How this installation sends, as it was chosen in the desk, together with what the environment says."""
