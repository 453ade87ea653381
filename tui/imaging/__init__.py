"""Masks, edits and metadata in files: arrays and Pillow, without an interface and without torch."""
