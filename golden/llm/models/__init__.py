from golden.llm.models.catalogue import NAMES, files, load, locate, outline, require_apart

__all__ = ["NAMES", "files", "load", "locate", "outline", "require_apart"]
