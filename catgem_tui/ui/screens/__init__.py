"""The whole screens: login, desk, floor, help, too small, and the dialogs."""
