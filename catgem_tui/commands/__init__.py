"""The sub-commands of ``catgem``, a module each: its options (``add_options``), and what it then does.

A module is loaded when its command is named on the command line, and what the command needs when it runs.
"""
