"""Central's telephone lines."""
