"""The authoritative directory: its records, their numbering and the change log."""
