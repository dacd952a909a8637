"""A draft head against its definition in floats, in a file, and in texts of the golden machine."""

import dataclasses

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from synthetic import draft_of, synthetic_model, with_draft

from golden.decoder import Decoder
from golden.draft_shapes import DOWN, GATE, HEAD, TOKEN, UP, DraftSize, check_draft_shapes, draft_shapes
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm import container
from golden.llm.draft_head import DraftHead
from golden.llm.speculation import chosen_by_row, drafts_of_head
from golden.numerics import FRACTION
from golden.units.drafter import SOURCES
from golden.units.sampling import GREEDY, Sampling
from myhdl_acc.driver import Accelerator, GoldenDevice
from myhdl_acc.rtl.config import AcceleratorConfig

PROMPT, COUNT = [1, 2, 3, 1, 2], 24
#: So few tokens that drafts of random weights are right now and then.
SIZES = {"vocab": 5, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}


@pytest.fixture(scope="module", params=[5, 3], ids=["all tokens", "the first three"])
def model(request):
    return with_draft(synthetic_model("w4", tied=False, **SIZES), vocab=request.param)


def test_it_computes_what_the_floats_do(model):
    decoder = Decoder(model)
    decoder.feed(PROMPT)
    weights = {name: matrix.to_float() for name, matrix in model.draft.items()}
    embedding = model.matrices["embedding"].to_float()
    x = np.ldexp(decoder.hidden[-1].astype(float), -FRACTION)
    found, token = DraftHead(model).drafts(decoder.hidden[-1], 3, 5, 3), 3
    for draft in found:
        x = x + weights[TOKEN] @ embedding[token]
        gate, up = weights[GATE] @ x, weights[UP] @ x
        x = x + weights[DOWN] @ (gate / (1 + np.exp(-gate)) * up)
        logits = weights[HEAD] @ x
        assert logits[draft] > logits.max() - 0.1 * np.ptp(logits)  # eight bits of each vector are left
        token = draft


@pytest.mark.parametrize("sampling", [GREEDY, Sampling.of(2.0, 5)])
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("cost", [0, 193])
def test_a_text_is_the_same_and_takes_the_passes_that_are_counted(model, sampling, source, cost, monkeypatch):
    """Where drafts cost much the head rests now and then."""
    monkeypatch.setattr("myhdl_acc.driver.accelerator.draft_cost", lambda *_: cost)
    config = dataclasses.replace(AcceleratorConfig.preset("tiny"), rows=4)
    rule = LambdaRule.of(model.spec)
    expected = list(Decoder(model).generate(PROMPT, COUNT, sampling=sampling))
    accelerator = Accelerator(GoldenDevice(config), config, drafts=3, source=source)
    accelerator.load(model, rule)
    assert list(accelerator.generate(PROMPT, COUNT, sampling=sampling)) == expected
    heads = drafts_of_head(model, PROMPT, expected, 3, sampling)
    counts = chosen_by_row(PROMPT, expected, 3, config.lookup_depth, SOURCES.index(source), heads, cost)
    assert accelerator.chosen_by_row == counts
    of_head = accelerator.chosen_of_head
    assert of_head == ([0, *counts[1:]] if source == "heads" else of_head) and of_head[0] == 0
    assert sum(of_head) <= sum(counts[1:])
    if source == "lookup":
        assert sum(of_head) == 0
    elif source == "heads" or model.draft_size.vocab == model.spec.vocab:
        assert sum(of_head) > 0 or cost


def test_it_is_kept_in_the_file(model, tmp_path):
    container.save(model, tmp_path / "a.acc")
    found = container.load(tmp_path / "a.acc").draft
    for name, matrix in model.draft.items():
        assert np.array_equal(found[name].to_float(), matrix.to_float())
    container.save(dataclasses.replace(model, draft={}), tmp_path / "b.acc")
    assert container.load(tmp_path / "b.acc").draft == {}


def test_one_of_another_model_is_refused(model, tmp_path):
    spec = dataclasses.replace(model.spec, dim=2 * model.spec.dim)
    with pytest.raises(InputError, match="draft head: not one of this model"):
        dataclasses.replace(model, draft=draft_of(spec))
    with pytest.raises(InputError, match="draft head: not one of this model"):
        check_draft_shapes(spec, {GATE: (32, spec.dim)})
    for vocab in (0, model.spec.vocab + 1):
        with pytest.raises(InputError, match=f"draft head: not one of this model .* draft.head {vocab} × 64"):
            check_draft_shapes(model.spec, draft_shapes(model.spec, DraftSize(32, vocab)))
    container.save(model, tmp_path / "a.acc")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(container, "_fingerprint", lambda norms: 1)
        with pytest.raises(InputError, match="draft head: it was trained behind another model"):
            container.load(tmp_path / "a.acc")


def test_a_scalar_instead_of_a_vector_is_refused(model, tmp_path):
    path = tmp_path / "a.acc"
    container.save(model, path)
    with safe_open(path, "np") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.offset_keys()}, file.metadata()
    tensors[f"{GATE}.mantissa"] = tensors[f"{GATE}.mantissa"][:1].reshape(())
    save_file(tensors, path, metadata)
    with pytest.raises(InputError, match="draft head: not one of this model"):
        container.load(path)


def test_a_model_without_one_has_no_drafts_of_one(model):
    plain = dataclasses.replace(model, draft={})
    with pytest.raises(InputError, match="the model has none"):
        DraftHead(plain)
    config = AcceleratorConfig.preset("tiny")
    with pytest.raises(InputError, match="the model has none"):
        Accelerator(GoldenDevice(config), config, drafts=1, source="heads").load(plain)
    accelerator = Accelerator(GoldenDevice(config), config, drafts=1, source="auto")
    accelerator.load(plain)
    assert len(list(accelerator.generate(PROMPT, 3))) == 3
