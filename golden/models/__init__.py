from golden.models.catalogue import NAMES, load, locate

__all__ = ["NAMES", "load", "locate"]
