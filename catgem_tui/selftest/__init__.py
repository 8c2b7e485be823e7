"""An operator's check of an installation: every part of a shift, done once, with what was measured."""
