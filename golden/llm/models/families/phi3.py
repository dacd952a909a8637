"""Phi-3, 3.5 and 4 (arXiv 2404.14219): fused projections, a window in some, LongRoPE in others."""

from golden.llm.models.families.family import Family

FAMILY = Family("phi3", fused=True, windowed=True, partial=True)
