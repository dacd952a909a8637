"""The vector unit: one block per file (docs/vector.md)."""
