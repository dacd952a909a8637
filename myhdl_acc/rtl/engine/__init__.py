"""The systolic engine: one block per file (docs/engine.md)."""
