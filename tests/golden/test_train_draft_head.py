"""Training of a draft head: texts token by token against whole windows, and what is learnt against what is exported."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.draft_shapes import DraftSize
from golden.llm.draft_head import DraftHead
from golden.llm.speculation import chosen_by_row, drafts_of_head
from golden.llm.train.continuation import continue_texts
from golden.llm.train.draft_head import DraftRecipe, TorchDraftHead, train_draft_head
from golden.llm.train.export import from_acc
from golden.units.drafter import HEADS

SIZES = {"vocab": 24, "dim": 64, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 24}
LENGTH = 40
RULE = {"sinks": 2, "window": 14}


@pytest.fixture(scope="module")
def model():
    return synthetic_model("w2", seed=3, tied=False, **SIZES)


def written(model, temperature=0.0):
    generator = torch.Generator().manual_seed(1)
    begun = torch.randint(0, SIZES["vocab"], (24, 6), generator=generator).tolist()
    decoder = from_acc(model, **RULE).requires_grad_(False)
    return decoder, *continue_texts(decoder, begun, LENGTH, temperature, seed=2)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_token_by_token_is_as_whole_windows(model, temperature):
    decoder, tokens, own, states = written(model, temperature)
    assert own.all(dim=0).tolist() == own.any(dim=0).tolist() == [False] * 6 + [True] * (LENGTH - 6)
    whole, head = decoder.final(tokens)
    assert torch.corrcoef(torch.stack([whole.flatten(), states.flatten()]))[0, 1] > 0.99
    chosen = (whole @ head.T).argmax(-1)[:, 5:-1]
    assert ((chosen == tokens[:, 6:]).float().mean() > 0.9) == (temperature == 0)


def test_texts_go_on_behind_their_ends_and_prompts_differ_in_length(model):
    """In bfloat16: a text of its own, the end that it chose, a turn, and again."""
    decoder, prompts, turns = from_acc(model, **RULE).requires_grad_(False), [[1, 2, 3], [4], [5] * 50], [[7, 8, 9]] * 2
    ends = tuple(range(0, SIZES["vocab"], 2))
    tokens, own, _ = continue_texts(decoder, prompts, LENGTH, 1.0, 3, torch.bfloat16, ends, iter(turns))
    found = []
    for text, prompt, mine in zip(tokens.tolist(), prompts, own.tolist(), strict=True):
        assert text[: len(prompt)] == prompt[:LENGTH] and not any(mine[: len(prompt)])
        after = [at for at in range(len(prompt) + 1, LENGTH) if mine[at - 1] and not mine[at]]
        assert all(text[at - 1] in ends and text[at : at + 3] == turns[0] for at in after)
        assert all(not any(mine[at : at + 3]) and all(mine[at + 3 : at + 4]) for at in after)
        found += after
    assert len(found) == len(turns)


def test_a_head_learns_and_is_exported_as_it_computes(model):
    """The last four tokens are never its drafts."""
    decoder, tokens, own, states = written(model)
    output, lines = decoder.weight("head"), []
    head = TorchDraftHead(model.spec, decoder.weight("embedding"), output, DraftSize(ffn=32, vocab=20))
    recipe = DraftRecipe(steps=100, float_steps=100, batch=64)
    train_draft_head(head, "w2", output, tokens, own, states, recipe, report=lines.append)
    assert lines[0].startswith("float: step 100/100") and lines[1].startswith("w2: step 100/100")
    drafting = dataclasses.replace(model, draft=head.matrices())
    assert drafting.draft_size == DraftSize(32, 20)
    reference = Decoder(model, **RULE)
    reference.feed(tokens[0, :8].tolist())
    x = torch.tensor(np.ldexp(reference.hidden[-1:].astype("f4"), -16))
    found = DraftHead(drafting).drafts(reference.hidden[-1], int(tokens[0, 8]), 8, 1)
    (logits,) = head(x, [tokens[0, 8:9]])
    assert logits[0, found[0]] > logits.max() - 0.02 * (logits.max() - logits.min())
    text = list(Decoder(model, **RULE).generate([1, 2, 3], 60))
    guesses = drafts_of_head(drafting, [1, 2, 3], text, 1, **RULE)
    first, second = chosen_by_row([1, 2, 3], text, 1, source=HEADS, head=guesses)
    assert second > first / 3
    assert max(token for drafts in guesses for token in drafts) < 20
