"""Logging in by an OpenID Connect provider, and the roles that come with it. See docs/decisions/0070."""
