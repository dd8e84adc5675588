"""Users, roles, sign-in, and who acts."""
