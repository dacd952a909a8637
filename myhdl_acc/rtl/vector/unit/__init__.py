"""The vector unit: instructions, vector memory and what moves operands to the arithmetic units and back."""
