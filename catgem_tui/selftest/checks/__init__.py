"""The checks, by part."""
