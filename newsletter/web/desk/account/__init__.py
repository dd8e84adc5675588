"""A person's own account: second factors, passkeys, recovery codes, sessions, and the pages that log in with them."""
