"""The guided first shift: steps that watch what the person really does, told in a band at the foot of the screen."""
