"""What the seven steps do, without an interface: project, rounds, edits, checks, exports."""
