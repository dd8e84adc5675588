"""What readers answer to us: whether an article was useful, which facts they question, and their complaints."""
