"""One screen a step, and those beside them."""
