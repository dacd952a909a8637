from golden.llm.models.catalogue import NAMES, files, load, locate, outline

__all__ = ["NAMES", "files", "load", "locate", "outline"]
