"""Qwen2 and Qwen2.5 (arXiv 2407.10671): queries, keys and values have biases."""

from golden.llm.models.families.family import Family

_DEFAULTS = {"sliding_window": 4096, "max_window_layers": 28}
FAMILY = Family("qwen2", window_switch=True, biased=True, windowed=True, defaults=_DEFAULTS)
