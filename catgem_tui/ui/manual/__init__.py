"""The manual inside the workstation: its Markdown as data, laid out, searched, and opened where one is."""
