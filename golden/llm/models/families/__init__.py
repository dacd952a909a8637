"""Families of decoders: how each differs from the first Llama. A file each; models.assemble does the rest."""

from golden.llm.models.families import granite, llama, mistral, phi3, qwen2, qwen3, smollm3

FAMILIES = {module.FAMILY.name: module.FAMILY for module in (llama, mistral, qwen2, qwen3, smollm3, granite, phi3)}
"""By name: `transformers`' ``model_type``, GGUF's ``general.architecture``."""
