"""The way to central: one HTTP client and one live line. Failures are values here, never exceptions."""
