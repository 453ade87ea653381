"""Tests of `tui.imaging`."""
