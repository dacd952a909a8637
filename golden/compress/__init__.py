from golden.compress.compress import compress

__all__ = ["compress"]
