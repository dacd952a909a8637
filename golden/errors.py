"""The one error that means: the user's input is wrong."""


class InputError(ValueError):
    """Bad input. The message is one line that says what is wrong and what would be right."""
