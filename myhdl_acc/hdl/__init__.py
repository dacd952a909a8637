"""The grammar of the hardware: how blocks are composed of streams, records and other blocks (docs/streams.md)."""
