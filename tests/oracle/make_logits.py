"""Writes logits.npz: what `transformers` computes of the tiny models; needs it and torch (make test-oracle)."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.oracle import tiny_models


def logits(name, directory):
    """Logits (8, vocab) float32 of variant ``name`` after the last of TOKENS."""
    tiny_models.write_directory(name, directory)
    model, report = transformers.AutoModelForCausalLM.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    wrong = [key for key in ("missing_keys", "unexpected_keys", "mismatched_keys") if report[key]]
    assert not wrong, (name, report)
    with torch.no_grad():
        found = model(torch.tensor(tiny_models.TOKENS)[None]).logits[0].numpy()
    return found[tiny_models.SHOWN].astype(np.float32)


def make():
    """``{variant: logits}`` of all of them."""
    with tempfile.TemporaryDirectory() as directory:
        return {name: logits(name, Path(directory) / name) for name in tiny_models.VARIANTS}


if __name__ == "__main__":
    np.savez_compressed(tiny_models.LOGITS, **make())
    print(f"{tiny_models.LOGITS}: {tiny_models.LOGITS.stat().st_size:,} bytes")
