"""The parts of a screen, each drawing its own slice of the desk."""
