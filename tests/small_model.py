"""A model that `tiny` decodes in a second, and the characters that it knows."""

from synthetic import synthetic_model

from golden.llm import container

_SIZES = {"vocab": 40, "dim": 64, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 96}

PROMPT = "".join(chr(0x4E00 + index) for index in (3, 1, 4, 1, 5))


def write_small_model(directory, context=32):
    """Its file in ``directory``."""
    path = directory / "small.acc"
    container.save(synthetic_model("w2", context=context, tied=True, **_SIZES), path)
    return path
