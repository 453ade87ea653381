"""Evidence from reading the picture: each check is a process of its own, and may be missing."""
