"""The one error that means: the program is wrong."""


class MachineFault(RuntimeError):
    """A program that hardware would not finish, or that reads what was never written."""
