"""Directory records as files: read, mapped and written. Nothing here knows of a network, a database or a screen."""
