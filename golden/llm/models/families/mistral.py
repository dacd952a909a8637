"""Mistral (arXiv 2310.06825): a Llama, in its first version with a sliding window."""

from golden.llm.models.families.family import Family

FAMILY = Family("mistral", interleaved=True, windowed=True, defaults={"sliding_window": 4096})
