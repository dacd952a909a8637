"""What a model costs on a configuration: cycles of the simulated RTL, and where they went (docs/performance.md)."""
