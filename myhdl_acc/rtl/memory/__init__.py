"""AXI masters, prefetch and write-back: one block per file (docs/memory.md)."""
