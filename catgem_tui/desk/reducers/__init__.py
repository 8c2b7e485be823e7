"""What each happening does to the desk, by area. Pure: they change a ``Turn`` and nothing else."""
