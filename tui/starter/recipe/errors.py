"""What a person can put right."""


class RecipeError(RuntimeError):
    """A step cannot be done; the message is one sentence that says what to do."""
