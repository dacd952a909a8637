"""The one error that means: the program is wrong."""


class MachineFault(RuntimeError):
    """A program that hardware would not finish, or that reads what was never written."""


class Made(dict):
    """What instructions leave for later ones, called ``what``; to ask for a thing that is not there is a fault."""

    def __init__(self, what):
        super().__init__()
        self._what = what

    def __missing__(self, key):
        raise MachineFault(f"{self._what} {key} is used before anything made it")
