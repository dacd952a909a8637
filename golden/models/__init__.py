from golden.models.catalogue import NAMES, load

__all__ = ["NAMES", "load"]
