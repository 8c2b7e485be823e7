"""The screen: draws the desk's snapshots and sends intents."""
