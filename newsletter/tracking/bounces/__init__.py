"""What comes back by mail about emails by SMTP: bounces and complaints, from a mailbox or a pipe."""
