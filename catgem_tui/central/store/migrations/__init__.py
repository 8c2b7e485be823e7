"""Alembic's scripts: how the tables came to their shape."""
