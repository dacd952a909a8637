"""The arithmetic units of the vector unit: each computes what the golden unit of its name does."""
