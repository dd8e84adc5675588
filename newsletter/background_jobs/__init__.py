"""Long work that a person asks for: a row says what, the scheduler works on it, and any page shows how far it is."""
