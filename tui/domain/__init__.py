"""Frozen values and rules of the process; nothing here reads or writes anything."""
