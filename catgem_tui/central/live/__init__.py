"""The live lines to the workstations."""
