"""Screen-reader mode: the same screens as sentences, one below the other, and a line that says what changed."""
