"""What panes and dialogs are made of."""
