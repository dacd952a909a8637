"""How weights and cached values lie in 64-bit atoms (docs/formats.md)."""
