"""Typed settings, keymaps, themes, languages and the files they live in."""
