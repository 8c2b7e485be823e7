"""The screen: draws the desk's state and sends its intents."""

import os

# Textual waits this part of a second before it paints a change: 16 ms by default, longer than all else between a key
# and its echo. It reads the variable when it is first imported.
os.environ.setdefault("TEXTUAL_FPS", "250")
