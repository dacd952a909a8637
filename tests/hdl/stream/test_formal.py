"""Proofs for all time: transfer rules, no word lost, doubled, overtaken or changed, progress; rule 4 in the netlist."""

from itertools import combinations, permutations

import pytest
from stream_designs import (
    gallery,
    gallery_ports,
    hasty_fork,
    leaky_pipe,
    make,
    small_deep_queue,
    waiting_for_ready,
)

from myhdl_acc.hdl.stream import Array, Stream, arbiter, fifo, half_pipe, m2s_pipe, s2m_pipe, stream_fork
from myhdl_acc.simulate.formal import ProofError, check_rule_four, fields_of, in_order, prove, transfer_rules


def word():
    return Stream(data=3, last=1)


def words(count):
    return Array("ch", [word() for _ in range(count)])


def pipe(block, **constants):
    return make(block, sink=word(), source=word(), **constants)


def invariant(*statements):
    """Verilog that asserts that the state is one that can be reached."""
    return "".join(f"\n  always @* if (started) assert ({statement});" for statement in statements)


@pytest.mark.parametrize(
    "block, patience, inside",
    [(m2s_pipe, 2, "full"), (s2m_pipe, 1, "kept"), (half_pipe, 2, "full")],
)
def test_pipe(block, patience, inside):
    design = pipe(block)
    prove(design, transfer_rules(design) + in_order(design, 1, patience) + invariant(f"inside == {inside}"))


@pytest.mark.parametrize("depth", [1, 3, 4])
def test_fifo(depth):
    design = pipe(fifo, depth=depth)
    read, write = (f"shallow_queue0_{end}_address" for end in ("read", "write"))
    data, last = (f"shallow_queue0_ram_asynchronous_read{field}_words" for field in (0, 1))
    place = f"({read} + ahead) % {depth}"
    known = invariant(
        "inside == level",
        f"{read} < {depth} && {write} == ({read} + level) % {depth}",
        f"shallow_queue0_full == (level == {depth}) && shallow_queue0_filled == (level != 0)",
        f"!following || {{{data}[{place}], {last}[{place}]}} == followed",
    )
    prove(design, transfer_rules(design) + in_order(design, depth, 2) + known)


def test_fifo_of_two_words():
    design = pipe(fifo, depth=2)
    known = invariant(
        "inside == level && pair_queue0_full == (level == 2) && pair_queue0_filled == (level != 0)",
        f"!following || ahead != 0 || {fields_of(design, 'source')} == followed",
        "!following || ahead != 1 || {pair_queue0_register0_q, pair_queue0_register2_q} == followed",
    )
    prove(design, transfer_rules(design) + in_order(design, 2, 2) + known)


def test_fifo_with_registered_reads():
    design = pipe(small_deep_queue, depth=3)
    read, write = (f"deep_queue0_{end}_address" for end in ("read", "write"))
    data, last = (f"deep_queue0_ram{field}_words" for field in (0, 1))
    fetched, shown, stored = (f"deep_queue0_{name}" for name in ("fetched", "shown", "stored"))
    word = "{deep_queue0_ram0_word, deep_queue0_ram1_word}"
    place = f"({read} + ahead - {fetched} - {shown}) % 3"
    known = invariant(
        f"inside == level && level == 32'd0 + {stored} + {fetched} + {shown}",
        f"{read} < 3 && {write} == ({read} + {stored}) % 3 && deep_queue0_some == ({stored} != 0)",
        f"!following || !{fetched} || ahead != {shown} || {word} == followed",
        f"!following || ahead < 32'd0 + {fetched} + {shown} || {{{data}[{place}], {last}[{place}]}} == followed",
    )
    prove(design, transfer_rules(design) + in_order(design, 3, 4) + known)


def every_branch_once(design):
    """Each branch takes each word of the sink once: it is offered until it has been taken, and not again."""
    text, all_have_it = "", []
    for index, name in enumerate(design.outputs):
        text += f"""
  reg had_{index} = 0;
  wire takes_{index} = {name}_valid && {name}_ready;
  always @(posedge clk) had_{index} <= !rst && !(sink_valid && sink_ready) && (had_{index} || takes_{index});
  always @* if (started && !rst) begin
    assert ({name}_valid == (sink_valid && !had_{index}));
    if ({name}_valid) assert ({fields_of(design, name)} == {fields_of(design, "sink")});
  end"""
        all_have_it.append(f"(had_{index} || takes_{index})")
    return text + f"\n  always @* if (sink_valid && !rst) assert (sink_ready == ({' && '.join(all_have_it)}));"


def test_fork():
    design = make(stream_fork, sink=word(), source=words(3))
    known = invariant(*(f"fork_branch{index}_taken == had_{index}" for index in range(3)))
    prove(design, transfer_rules(design) + every_branch_once(design) + known)


def one_of_the_sinks(design):
    """A word passes exactly when it is taken from one sink, and it is that sink's word; no request goes unanswered."""
    turns = {name: f"({name}_valid && {name}_ready)" for name in design.inputs}
    text = f"""
  always @* if (started && !rst) begin
    assert (source_valid == ({" || ".join(f"{name}_valid" for name in design.inputs)}));
    assert ((source_valid && source_ready) == (2'd0 + {" + ".join(turns.values())}));
  end"""
    passed = fields_of(design, "source")
    for name, turn in turns.items():
        text += f"\n  always @* if (started && !rst && {turn}) assert ({passed} == {fields_of(design, name)});"
    return text


def fair(count):
    """While a stream waits no other one passes twice. Once j has passed i, the turn is between j and i, cyclically."""
    text = ""
    for i, j in permutations(range(count), 2):
        waiting, passes = (
            f"sink_ch{i:02d}_valid && !sink_ch{i:02d}_ready",
            f"sink_ch{j:02d}_valid && sink_ch{j:02d}_ready",
        )
        turns = [f"(latest == {j} && !locked)", f"(latest == {i} && locked)"]
        turns += [f"latest == {(j + step) % count}" for step in range(1, (i - j) % count)]
        text += f"""
  reg passed_{i}_{j} = 0;
  always @(posedge clk) passed_{i}_{j} <= !rst && {waiting} && (passed_{i}_{j} || ({passes}));
  always @* if (passed_{i}_{j} && !rst) begin
    assert (!({passes}));
    assert ({" || ".join(turns)});
  end"""
    return text


def lowest_wins(count):
    """A word passes before one of a lower stream only if it was offered earlier."""
    text = ""
    for low, high in combinations(range(count), 2):
        passes = f"sink_ch{high:02d}_valid && sink_ch{high:02d}_ready"
        text += f"\n  always @* if (started && !rst && !locked && sink_ch{low:02d}_valid) assert (!({passes}));"
    return text


@pytest.mark.parametrize("policy", ["round_robin", "lowest_first"])
def test_arbiter(policy):
    design = make(arbiter, sink=words(3), source=word(), policy=policy)
    properties = transfer_rules(design) + one_of_the_sinks(design)
    properties += invariant("latest < 3", "locked == source_stalled", "rst || !locked || requests[latest]")
    properties += fair(3) if policy == "round_robin" else lowest_wins(3)
    prove(design, properties)


def test_a_pipe_that_loses_words_is_refuted():
    design = pipe(leaky_pipe)
    with pytest.raises(ProofError, match=r"source_rule_3|followed_in_turn|capacity_kept"):
        prove(design, transfer_rules(design) + in_order(design, 1, 2))


def test_a_fork_that_doubles_words_is_refuted():
    design = make(hasty_fork, sink=word(), source=words(2))
    with pytest.raises(ProofError, match="Assert failed"):
        prove(design, transfer_rules(design) + every_branch_once(design))


def test_a_queue_that_is_too_small_is_refuted():
    design = pipe(fifo, depth=2)
    with pytest.raises(ProofError, match="capacity_kept"):
        prove(design, in_order(design, 1, 2))


def test_a_fixed_priority_is_not_fair():
    design = make(arbiter, sink=words(3), source=word(), policy="lowest_first")
    with pytest.raises(ProofError, match=r"basecase: .* Assert failed"):
        prove(design, transfer_rules(design) + fair(3))


def test_rule_four_holds_in_every_block():
    check_rule_four(make(gallery, **gallery_ports()))


def test_a_block_that_waits_for_ready_breaks_rule_four():
    with pytest.raises(ProofError, match="rule 4"):
        check_rule_four(pipe(waiting_for_ready))
