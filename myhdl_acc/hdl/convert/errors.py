"""What conversion raises."""

from golden.errors import InputError


class ConversionError(InputError):
    """A block that would become wrong hardware, or none. The message names the entity and the signal or source line."""
