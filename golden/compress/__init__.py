from golden.compress.compress import compress, compression

__all__ = ["compress", "compression"]
