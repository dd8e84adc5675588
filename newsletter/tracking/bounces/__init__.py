"""Bounces and complaints about SMTP emails, read from a mailbox or a pipe."""
