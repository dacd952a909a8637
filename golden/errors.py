"""The one error that means: the user's input is wrong; and how its messages show a value."""


class InputError(ValueError):
    """Bad input. The message is one line that says what is wrong and what would be right."""


def shown(value):
    """``value`` as messages have it: cut to 80 characters."""
    return repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
