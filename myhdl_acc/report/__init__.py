"""What the hardware costs: cycles (perf) and resources (synthesis)."""
