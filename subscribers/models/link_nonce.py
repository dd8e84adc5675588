"""The random number in a row that makes a signed link fit this row only."""

import secrets

# A signed link contains this many random bits of its row: see signed_links.py. `sql.random_nonce` makes them in
# the database.
LINK_NONCE_BITS = 48


def new_link_nonce() -> int:
    """Return a random value for a new row, so that a link made for an earlier row with its number does not open
    it.
    """
    return secrets.randbits(LINK_NONCE_BITS)
