"""What goes wrong while a model is made ready."""


class LoadingError(RuntimeError):
    """The model, or a part of it, cannot be loaded; the message is for the person."""
