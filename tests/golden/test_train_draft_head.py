"""Training of a draft head: texts token by token against whole windows, and what is learnt against what is exported."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.llm.draft_head import DraftHead
from golden.llm.speculation import chosen_by_row, drafts_of_head
from golden.llm.train.continuation import continue_texts
from golden.llm.train.draft_head import DraftRecipe, TorchDraftHead, train_draft_head
from golden.llm.train.export import from_acc
from golden.units.drafter import HEADS

SIZES = {"vocab": 24, "dim": 64, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 24}
RULE = {"sinks": 2, "window": 14}


@pytest.fixture(scope="module")
def model():
    return synthetic_model("w2", seed=3, tied=False, **SIZES)


def written(model, temperature=0.0):
    generator = torch.Generator().manual_seed(1)
    begun = torch.randint(0, SIZES["vocab"], (24, 6), generator=generator)
    decoder = from_acc(model, **RULE).requires_grad_(False)
    return decoder, *continue_texts(decoder, begun, 34, temperature, seed=2)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_token_by_token_is_as_whole_windows(model, temperature):
    decoder, tokens, states = written(model, temperature)
    whole, head = decoder.final(tokens)
    assert torch.corrcoef(torch.stack([whole.flatten(), states.flatten()]))[0, 1] > 0.99
    chosen = (whole @ head.T).argmax(-1)[:, 5:-1]
    assert ((chosen == tokens[:, 6:]).float().mean() > 0.9) == (temperature == 0)


def test_a_head_learns_and_is_exported_as_it_computes(model):
    decoder, tokens, states = written(model)
    output, lines = decoder.weight("head"), []
    head = TorchDraftHead(model.spec, decoder.weight("embedding"), output, ffn=32)
    recipe = DraftRecipe(steps=100, float_steps=100, batch=64)
    train_draft_head(head, "w2", output, tokens, states, recipe, report=lines.append)
    assert lines[0].startswith("float: step 100/100") and lines[1].startswith("w2: step 100/100")
    drafting = dataclasses.replace(model, draft=head.matrices())
    reference = Decoder(model, **RULE)
    reference.feed(tokens[0, :8].tolist())
    x = torch.tensor(np.ldexp(reference.hidden[-1:].astype("f4"), -16))
    found = DraftHead(drafting).drafts(reference.hidden[-1], int(tokens[0, 8]), 8, 1)
    _, logits = head(x, tokens[0, 8:9])
    assert logits[0, found[0]] > logits.max() - 0.02 * (logits.max() - logits.min())
    text = list(Decoder(model, **RULE).generate([1, 2, 3], 60))
    guesses = drafts_of_head(drafting, [1, 2, 3], text, 1, **RULE)
    first, second = chosen_by_row([1, 2, 3], text, 1, source=HEADS, head=guesses)
    assert second > first / 2
