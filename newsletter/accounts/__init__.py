"""Users, roles, sign-in, the current actor and the audit log."""
