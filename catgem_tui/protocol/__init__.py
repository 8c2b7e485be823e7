"""The wire between central and the workstations: messages, codes, codec and the sans-I/O session."""
