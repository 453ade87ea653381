"""Pieces of the interface, one widget a file."""
