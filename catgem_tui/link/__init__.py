"""The workstation's line to central: one HTTP client and one websocket."""
