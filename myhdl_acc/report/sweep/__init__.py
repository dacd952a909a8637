"""Many points of the design space: which there are, what each costs, and which are worth having (docs/sweep.md)."""
