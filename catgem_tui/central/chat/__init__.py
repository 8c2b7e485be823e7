"""The chat channel: the citizen's page, its socket, and the contacts that come through them."""
