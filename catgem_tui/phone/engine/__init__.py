"""The phone engine: the child process that owns pjsua2 and the sound card."""
