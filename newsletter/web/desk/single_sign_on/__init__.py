"""The pages of logging in by an OpenID Connect provider."""
