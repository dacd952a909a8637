"""Qwen3 (arXiv 2505.09388): RMSNorm of every query and key head."""

from golden.llm.models.families.family import Family

_DEFAULTS = {"sliding_window": 4096, "max_window_layers": 28}
FAMILY = Family("qwen3", head_norms=True, window_switch=True, windowed=True, defaults=_DEFAULTS)
