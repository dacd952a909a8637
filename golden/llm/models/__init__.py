from golden.llm.models.catalogue import NAMES, files, load, locate, outline, require_apart, require_whole

__all__ = ["NAMES", "files", "load", "locate", "outline", "require_apart", "require_whole"]
