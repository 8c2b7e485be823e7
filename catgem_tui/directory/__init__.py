"""The workstation's own copy of the directory, kept current and searched without the network."""
