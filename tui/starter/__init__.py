"""The built-in model: a small text-to-image model that runs on any machine."""
