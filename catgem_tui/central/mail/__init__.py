"""The mail channel: mails in over SMTP, answers out through a relay."""
