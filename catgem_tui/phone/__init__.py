"""The telephone: a port of frozen commands and events, its client, its fake, and the engine process behind it."""
