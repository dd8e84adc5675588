"""Where bounces come back to: a folder of an IMAP server, or a Maildir."""
