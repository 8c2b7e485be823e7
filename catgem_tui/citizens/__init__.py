"""Simulated citizens who really call, chat and write: for the demo, training and load."""
