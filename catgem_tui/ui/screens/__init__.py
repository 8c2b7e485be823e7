"""The whole screens: login, desk, floor, keeping, too small, and the dialogs."""
