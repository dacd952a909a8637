"""Writes what docs/ and the README say that the code or a measurement says better: ``make docs``."""
