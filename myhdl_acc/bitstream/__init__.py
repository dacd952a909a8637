"""From the converted hardware to a board's bitstream, with open tools (docs/bitstream.md)."""
