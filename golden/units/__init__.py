"""One file per hardware unit: its function on integers, with every rounding named."""
