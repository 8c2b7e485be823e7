"""The terminal, written to sparingly: only cells that changed leave this machine, one unconfirmed frame at a time.

The room knows Textual and terminals, and nothing of ours. ``capabilities`` says what the terminal can, ``pens`` and
``grid`` what it shows and should show, ``moves`` and ``differ`` which bytes lead from the one to the other, ``pacing``
when they may leave, ``driver`` joins them to Textual.
"""
