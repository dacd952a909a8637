"""Program, dispatch, registers: what drives the accelerator's units (docs/instructions.md)."""
