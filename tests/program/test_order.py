"""Overlap moves stages, it neither loses nor repeats one; an order that could go wrong does not leave the compiler."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
from synthetic import synthetic_model

from golden.lambda_attention import LambdaRule
from myhdl_acc.program import order
from myhdl_acc.program.attention import Attention
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.hazards import ScheduleFault
from myhdl_acc.program.order import attention_stages, batch_stages
from myhdl_acc.program.place import HeadBlock, HeadStep
from myhdl_acc.rtl.config import AcceleratorConfig

STEP = ["scores", "softmax", "mix"]
SCALES = ["first_scales", "rest_scales", "new_scales"]


def steps_of(blocks, group, sequences=1):
    pairs = [(HeadBlock(number, number, 1), member) for number in range(blocks) for member in range(group)]
    return [HeadStep(number, *pair, one) for number, pair in enumerate(pairs) for one in range(sequences)]


def opening_of(block):
    """Keys are made ahead, in the block before."""
    products = ["queries", "keys"] if block.number == 0 else ["keys", "queries"]
    return [*products, "value_bias", "values"]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("held_up", [False, True])
@pytest.mark.parametrize(("passes", "group"), [(1, 1), (1, 3), (3, 1), (2, 3)])
def test_every_step_has_its_stages_once_and_in_their_order(passes, group, held_up, shared):
    head_steps = steps_of(passes, group)
    stages = list(attention_stages(head_steps, held_up, shared))
    for step in head_steps:
        member = step.member
        own = [stage for stage, of in stages if of == step and stage not in SCALES]
        opening = [] if member else opening_of(step.block)
        if shared and step.number == 0:
            opening = ["first_queries", "keys", "value_bias", "values", "rest_queries"]
        assert own == opening + STEP
        scales = [stage for stage, of in stages if of == step and stage in SCALES]
        assert scales == ([] if member else SCALES)
        assert member or stages.index(("new_scales", step)) < stages.index(("scores", step))
    assert all(hasattr(Attention, stage) for stage, _ in stages)


@pytest.mark.parametrize("held_up", [False, True])
@pytest.mark.parametrize(("passes", "group", "sequences"), [(1, 1, 2), (1, 3, 3), (3, 1, 2), (2, 3, 2)])
def test_all_sequences_of_a_batch_have_their_stages(passes, group, sequences, held_up):
    head_steps = steps_of(passes, group, sequences)
    stages = list(batch_stages(head_steps, held_up))
    for step in head_steps:
        member, first = step.member, step.sequence == 0
        own = [stage for stage, of in stages if of == step and stage not in SCALES]
        opening = opening_of(step.block) if first and member == 0 else ["new_keys"]
        assert own == [*opening, *STEP]
        scales = [stage for stage, of in stages if of == step and stage in SCALES]
        assert scales == ([] if member else SCALES)
    assert all(hasattr(Attention, stage) for stage, _ in stages)


def test_the_engine_is_at_the_next_step_during_a_softmax():
    head_steps = steps_of(2, 2)
    stages = list(attention_stages(head_steps, False))
    for step, following in pairwise(head_steps):
        after = stages[stages.index(("softmax", step)) + 1 :]
        products = [of for stage, of in after if stage in ("queries", "keys", "values", "scores", "mix")]
        assert products[0] is following and step in products


def test_only_parameters_of_the_sinks_are_read_with_their_keys(program, compiler):
    """Two sinks: a beat of their parameters, and their keys behind those of all others."""
    sinks = [i for i in program if i.op == "qk" and i["skip"]]
    assert sinks and all(not i["patch"] for i in sinks)
    for i in sinks:
        assert (i["params"], i["beats"]) == (1, 1 + i["middle"])
        assert i["params"] + i["skip"] == compiler.map.key_params


def test_a_product_begins_while_the_rest_of_its_vector_is_quantised():
    sizes = {"vocab": 20, "dim": 256, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 448, "context": 64}
    model, config = synthetic_model("w2", tied=True, **sizes), AcceleratorConfig.preset("tiny")
    compiler = Compiler(model, LambdaRule(2, 30), config)
    program = compiler.passes(compiler.request([3], 1))
    pieces = [i for i in program if i.op == "quantise"]
    waits = [i["words"] for i in program if i.op == "slice" and i["wait"]]
    assert [i["count"] for i in pieces] == [96, 32, 96, 32, 96, 128, 96, 32]
    assert all(i["post"] for i in pieces)
    assert waits[:2] + waits[-6:] == [6, 2, 6, 2, 6, 8, 6, 2]


def test_a_wrong_order_is_not_compiled(compiler, monkeypatch):
    """New keys are asked for before anything has made them."""
    late = order._FIRST_SHARED.replace("keys value_bias rest_scales values rest_queries", "rest_queries keys values")
    monkeypatch.setattr(order, "_FIRST_SHARED", late)
    place = compiler.place
    norms = {name: SimpleNamespace(eps=0) for name in place.spec.norms}
    matrices = {name: SimpleNamespace(packed=SimpleNamespace(kind=kind)) for name, kind in compiler.map.kinds.items()}
    model = SimpleNamespace(spec=place.spec, norms=norms, matrices=matrices)
    with pytest.raises(ScheduleFault):
        _ = Compiler(model, place.rule, place.config).program
