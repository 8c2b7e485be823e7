"""CATGEM: a terminal workstation for the people who answer citizens."""

__version__ = "0.1.0"
