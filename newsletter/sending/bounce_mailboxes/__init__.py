"""The mailboxes that bounces come to: a folder of an IMAP server, or a Maildir."""
