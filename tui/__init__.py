"""Keepers: from an idea to a usable image in seven steps, by keyboard, in a terminal."""

__version__ = "0.1.0"
