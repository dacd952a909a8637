"""The vector unit: one block per file (docs/accelerator.md)."""
