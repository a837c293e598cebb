"""Shows the light."""


def show() -> str:
    """A beam."""
    return "***"
