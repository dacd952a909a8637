"""An accelerator for long-context LLM decoding: RTL generators, conversion, simulation and tools."""
