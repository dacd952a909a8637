"""Qwen3 (arXiv 2505.09388): RMSNorm of every query and key head."""

from golden.models.families.family import Family

FAMILY = Family("qwen3", head_norms=True, window_switch=True)
