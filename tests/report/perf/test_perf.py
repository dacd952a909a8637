"""Measured passes: causes add up, and the command reports what the contract says."""

import dataclasses
import json

import pytest
from synthetic import synthetic_model, with_draft

from golden.draft_shapes import MATRICES, DraftSize
from golden.errors import InputError
from golden.llm import container
from myhdl_acc.report.perf.measure import measure_token
from myhdl_acc.report.perf.report import measure
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.trace.matrices import matrix_work

TINY = AcceleratorConfig.preset("tiny")


@pytest.fixture(scope="module")
def runs():
    """Of what whole() measured."""
    return []


@pytest.fixture(scope="module")
def whole(runs):
    return measure("glassllm", TINY, 64, 128, traced=runs.append)


def test_the_measured_token_is_traced(whole, runs):
    (run,) = runs
    assert run.title == "glassllm, w2: a token at 64 tokens" and run.about["window"] == 124
    assert abs(run.cycles - whole.measured.cycles) <= 2
    assert sum(work.beats for work in matrix_work(run)) == whole.measured.beats


def test_every_cycle_has_a_cause(whole):
    measured = whole.measured
    # A lane's cycles are its beats and the lost ones; the run begins and ends with cycles in which it does nothing.
    assert abs(sum(measured.lost.values()) + measured.beats - measured.cycles) <= 2
    assert measured.multiplied < measured.beats


def test_weights_are_read_once_and_little_else(whole):
    spec = shape("glassllm").spec
    # The rows share a group's heads. A turn: 64 tokens, a key to a beat, and two blocks of values, a beat for each
    # dimension.
    cache = spec.layers * -(-spec.group // TINY.rows) * (64 + 2 * spec.head_dim)
    weights = (whole.measured.multiplied - cache) * TINY.lanes * TINY.beat_bits // 8
    # What is more than the model's bytes is the padding of 341 inputs and channels.
    assert 1.0 < weights / whole.weight_bytes < 1.04


def test_memory_that_answers_at_once_is_never_slower():
    slow = measure_token(shape("glassllm", layers=1), TINY, 16, 64)
    fast = measure_token(shape("glassllm", layers=1), TINY, 16, 64, memory="ideal")
    assert fast.cycles <= slow.cycles and fast.beats == slow.beats


def test_what_only_some_families_have_is_measured():
    """Biases and γ are read, and computed with; a layer without RoPE needs one query where others have two."""
    plain = shape("glassllm", layers=1)
    spec = dataclasses.replace(plain.spec, biased=True, head_norms=True)
    more = dataclasses.replace(plain, spec=spec)
    assert more.weight_bytes == plain.weight_bytes + 4 * (4 + 2 + 2) * 32
    before, after = (measure_token(which, TINY, 16, 64) for which in (plain, more))
    words = TINY.lanes * TINY.beat_bits // 32
    # The rows share a group's query heads: γ of one turn for those of two heads, as for the two key heads.
    assert after.beats - before.beats == (4 + 2 + 2) * 32 // words + (2 + 2) * 32 // words
    assert after.cycles > before.cycles
    unrotated = dataclasses.replace(plain, spec=dataclasses.replace(plain.spec, unrotated=(0,)))
    before, after = (measure_token(which, TINY, 80, 64) for which in (plain, unrotated))
    assert after.cycles < before.cycles and after.beats < before.beats


def test_prefill_takes_a_token_in_every_row():
    prefill = measure("glassllm", TINY, 16, 64, phase="prefill")
    decode = measure("glassllm", TINY, 16, 64)
    assert prefill.tokens_per_s > 1.5 * decode.tokens_per_s


def test_a_pass_with_a_draft_costs_less_than_two_tokens():
    plain = measure("glassllm", TINY, 80, 64)
    tried = measure("glassllm", TINY, 80, 64, drafts=1)
    assert plain.measured.cycles < tried.measured.cycles < 1.3 * plain.measured.cycles
    assert tried.cycles_per_token == tried.measured.cycles / 2 and tried.measured.tokens == 2
    assert abs(sum(tried.measured.lost.values()) + tried.measured.beats - tried.measured.cycles) <= 2
    fields = tried.fields()
    assert (fields["drafts"], fields["cycles_per_pass"]) == (1, tried.measured.cycles)


def test_a_pass_with_a_draft_of_the_head_takes_its_products_too(tmp_path):
    """A model's file says what its head is."""
    sizes = {"vocab": 300, "dim": 64, "layers": 5, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 96, "context": 64}
    model, path = with_draft(synthetic_model("w2", tied=True, **sizes), ffn=96, vocab=200), str(tmp_path / "a.acc")
    container.save(model, path)
    found = shape(path)
    assert {name: one.packed.kind for name, one in found.draft.items()} == dict.fromkeys(MATRICES, "w4")
    assert found.draft_size == found.of_layers([0]).draft_size == DraftSize(96, 200)
    lookup, heads = (measure(path, TINY, 40, 64, drafts=1, source=one) for one in ("lookup", "heads"))
    assert (lookup.source, heads.source, heads.measured.tokens) == ("lookup", "heads", 2)
    products = sum(matrix.packed.atoms.nbytes + matrix.packed.scales.nbytes for matrix in model.draft.values())
    more = (heads.measured.beats - lookup.measured.beats) * TINY.lanes * TINY.beat_bits // 8
    assert products < more < 1.2 * products
    assert heads.measured.cycles > lookup.measured.cycles + heads.measured.beats - lookup.measured.beats
    assert abs(sum(heads.measured.lost.values()) + heads.measured.beats - heads.measured.cycles) <= 2
    fields = heads.fields()
    assert (fields["speculate"], fields["passes_per_s"]) == ("heads", round(225e6 / heads.measured.cycles, 2))
    with pytest.raises(InputError, match="draft head: the model has none"):
        measure("glassllm", TINY, 40, 64, drafts=1, source="heads")


@pytest.mark.parametrize(
    ("context", "drafts", "message"),
    [(80, 2, "2 rows have room for 0 to 1 drafts, not 2"), (7, 1, "ends at 8 tokens at the earliest, not at 7")],
)
def test_drafts_that_cannot_be(context, drafts, message):
    with pytest.raises(InputError, match=message):
        measure("glassllm", TINY, context, 64, drafts=drafts)


def test_unknown_names():
    with pytest.raises(InputError, match="no model 'gpt'; there are llama-2-7b"):
        shape("gpt")
    with pytest.raises(InputError, match="no weight format 'w3'"):
        shape("smollm2", "w3")


def test_command(whole):
    from click.testing import CliRunner

    from myhdl_acc.cli.perf import command

    arguments = ["--model", "glassllm", "--config", "tiny", "--context", "64", "--window", "128"]
    fields = json.loads(CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False).stdout)
    assert fields["cycles_per_token"] == whole.cycles_per_token and fields["method"] == "simulated"
    assert fields["tokens_per_s"] == pytest.approx(225e6 / fields["cycles_per_token"], abs=0.01)
    assert {"bytes_per_token", "share_of_peak", "share_of_achievable", "lost_cycles", "clock_hz"} <= set(fields)
    text = CliRunner().invoke(command, arguments, catch_exceptions=False).stdout
    assert "token/s at 225 MHz" in text and "AccLLM" in text and "an estimate" in text


@pytest.fixture
def sizes(tmp_path):
    """A model of sizes of its own, with a trained window."""
    path = tmp_path / "sizes.json"
    values = dataclasses.replace(shape("glassllm", layers=2).spec, name="mine", window=40).to_dict()
    path.write_text(json.dumps(values))
    return path


def test_contexts(sizes):
    from click.testing import CliRunner

    from myhdl_acc.cli.perf import command

    arguments = ["--model", str(sizes), "--config", "tiny", "--contexts", "8,80,200", "--weights", "w8"]
    output = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False).stdout
    fields = json.loads(output, parse_constant=pytest.fail)
    rows = fields["contexts"]
    assert [row["context"] for row in rows] == [8, 80, 200] and fields["context"] == 200
    assert (fields["window"], fields["sinks"]) == (40, 0)
    assert {name: fields[name] for name in rows[-1]} == rows[-1]
    beats = []
    for row in rows:
        alone = measure(str(sizes), TINY, row["context"], weights="w8")
        assert row["cycles_per_token"] == alone.cycles_per_token and row["method"] == "simulated"
        beats.append(alone.measured.beats)
    assert beats[0] < beats[1] == beats[2]
    assert rows[2]["cycles_per_token"] == pytest.approx(rows[1]["cycles_per_token"], rel=0.01)  # nothing more to read
    text = CliRunner().invoke(command, arguments, catch_exceptions=False).stdout.splitlines()
    assert [line.split()[0] for line in text[1:4]] == ["8", "80", "200"]
    assert text[4] == f"{sizes}, w8, decode at 200 tokens, cache of 40, simulated"


def test_a_batch_reads_the_weights_once():
    """A pass of two sequences takes less than two of one, and more bytes than one: each has a cache."""
    alone = measure("glassllm", TINY, 80, 64)
    both = measure("glassllm", TINY, 80, 64, batch=2)
    fields = both.fields()
    assert (fields["batch"], fields["cycles_per_pass"]) == (2, both.measured.cycles)
    assert alone.measured.cycles < both.measured.cycles < 2 * alone.measured.cycles
    assert alone.measured.beats < both.measured.beats < 2 * alone.measured.beats
    assert both.tokens_per_s > alone.tokens_per_s
