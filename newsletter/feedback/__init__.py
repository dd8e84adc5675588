"""What readers answer to us. So far: whether an article was useful."""
