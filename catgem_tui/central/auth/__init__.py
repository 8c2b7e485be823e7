"""Who may come in: passwords, tokens, roles."""
