from golden.llm.compress.compress import compress, compression

__all__ = ["compress", "compression"]
