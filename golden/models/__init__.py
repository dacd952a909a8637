from golden.models.catalogue import NAMES, files, load, locate

__all__ = ["NAMES", "files", "load", "locate"]
