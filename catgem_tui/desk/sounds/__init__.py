"""The sounds of the desk, and how they are made."""
