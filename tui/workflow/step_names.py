"""What the seven steps are called."""

STEP_NAMES = ("Brief", "Prompt", "Batch", "Iterate", "Edit", "Check", "Save")
