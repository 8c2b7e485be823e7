"""The workstation's local copy of the directory and its search."""
