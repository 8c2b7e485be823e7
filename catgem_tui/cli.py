"""The command line: `catgem …`. Imports lazily, per sub-command."""
