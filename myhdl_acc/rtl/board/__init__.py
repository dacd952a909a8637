"""What stands between a board's pins and the accelerator: the host's link (docs/bitstream.md)."""
