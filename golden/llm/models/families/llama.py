"""Llama 1, 2, 3, 3.1, 3.2, TinyLlama, SmolLM 1 and 2, Yi, and Mistral in GGUF (arXiv 2302.13971)."""

from golden.llm.models.families.family import Family

FAMILY = Family("llama", interleaved=True)
