"""Whether this is the database that may send: copies and rollbacks ask first."""
