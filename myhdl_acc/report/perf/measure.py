"""A token of a model's shape on the simulated accelerator: its cycles, and what every one of them was spent on."""

from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.drafter import HEADS, SOURCES
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.batch import BatchAccelerator
from myhdl_acc.driver.recording import TokenRecorder, recorded_run
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.report.perf.random_memory import fill_memory, no_logits

_TEXT = 3  # tokens from which on all lengths are found that lookup looks for


@dataclass(frozen=True)
class Pass:
    """What a pass of ``tokens`` tokens took.

    ``cycles`` are those from one token's choice to the next one's, or of a prompt from start to done; ``beats`` that
    every lane read; ``lost``: cycles of a lane without a beat by cause, lanes averaged: with the beats' own they add up
    to ``cycles``. ``multiplied``: cycles of a lane in which its multipliers worked on weights or cache.
    """

    tokens: int
    cycles: float
    beats: float
    lost: dict
    multiplied: float


def cache_rule(spec, window, sinks=None):
    """The LambdaRule of a cache of ``window`` tokens, the sinks among them: ``sinks``, or as many as the model's
    default has and there is room for. Raises InputError for as many sinks as tokens.
    """
    if sinks is None:
        sinks = min(LambdaRule.of(spec).sinks, window - 1)
    if sinks >= window:
        raise InputError(f"perf: {sinks} sinks leave no room in a cache of {window} tokens")
    return LambdaRule(sinks, window - sinks)


def require_tokens(context, tokens, config):
    """Raises InputError unless a context of ``context`` tokens can end with ``tokens`` ones of one run on ``config``,
    and two before them.
    """
    most = config.run_tokens - 2
    if tokens > most:
        raise InputError(f"perf: one run can have {most} tokens (run_tokens less 2), not {tokens}")
    if context < tokens + 2:
        raise InputError(
            f"perf: {tokens} decoded in one run end at {tokens + 2} tokens at the earliest, not at {context}"
        )


def require_drafts(context, drafts):
    """Raises InputError unless a pass with ``drafts`` drafts can end at ``context`` tokens."""
    earliest = _TEXT + 3 + 2 * drafts
    if context < earliest:
        raise InputError(
            f"perf: a pass with {drafts} drafts ends at {earliest} tokens at the earliest, not at {context}"
        )


def measure_token(shape, config, context, window, tokens=1, memory="hbm2", sinks=None, progress=None, traced=None):
    """A decoded token, the last of a context of ``context`` tokens: the mean Pass of the last ``tokens`` ones.

    They are chosen in one run, which goes on: the Pass begins and ends with a choice, and contains all that there is
    between two of them. Raises InputError as require_tokens(). ``window`` and ``sinks`` are those of
    cache_rule(). ``traced(run)`` is called with the Run of the last token, if ``tokens`` is 1.
    """
    require_tokens(context, tokens, config)
    with _opened(shape, config, window, memory, sinks, progress) as (device, accelerator):
        accelerator.position = context - 1 - tokens
        run = accelerator.run([0], 1 + tokens)
        recorder = TokenRecorder(device, accelerator) if traced else None
        next(run)
        if traced:
            recorder.take(wanted=False)
        else:
            device.record("units")
        before = device.cycle
        for _ in range(tokens):
            next(run)
        table, cycles = device.events, device.cycle - before
        if traced:
            traced(recorder.take(**_about(shape, context, window, sinks, memory, "decode")))
        deque(run, maxlen=0)  # to its end
        all_of, first = (accelerator.instructions([0], count, context - 1 - tokens) for count in (1 + tokens, 1))
    found = _pass(table, config, cycles, all_of[len(first) - 1 :])
    lost = {cause: count / tokens for cause, count in found.lost.items()}
    return Pass(1, cycles / tokens, found.beats / tokens, lost, found.multiplied / tokens)


def measure_drafts(
    shape, config, context, window, drafts, memory="hbm2", sinks=None, progress=None, source="lookup"
):  # fmt: skip
    """The Pass from one choice to the last one of a pass with ``drafts`` drafts, all of them right. It ends at a
    context of ``context`` tokens. ``source``: lookup, or heads, whose making of the drafts is in the Pass. Its
    arguments are those of measure_token() otherwise.

    Every token is 0, as all logits are. So what lookup finds in the text is what is chosen, and what the head makes.
    """
    require_drafts(context, drafts)
    rows = 1 + drafts
    with _opened(shape, config, window, memory, sinks, progress, drafts, source=source) as (device, accelerator):
        deque(accelerator.run([0] * _TEXT, 0), maxlen=0)  # a text begins
        accelerator.position = context - 1 - 2 * rows
        run = accelerator.run([0], 2 * rows + 2)
        # Behind the first pass, and one with drafts.
        table, cycles = _recorded(device, run, 1 + rows, rows)
        if accelerator.chosen_by_row != [4, *[2] * drafts]:
            raise AssertionError(f"drafts were not right: {accelerator.chosen_by_row}")
        if source == SOURCES[HEADS]:  # behind the pass of one token, which chose
            made = {"drafts": drafts, "source": HEADS}
            two, one = (accelerator.instructions([0], count, context - 1 - rows, **made) for count in (2, 1))
            instructions = two[len(one) - 1 : -1]
        else:
            instructions = accelerator.instructions([0] * rows, 1, context - rows)
    return replace(_pass(table, config, cycles, instructions), tokens=rows)


def measure_batch(shape, config, context, window, batch, memory="hbm2", sinks=None, progress=None):
    """The Pass from one choice of the last of ``batch`` sequences to its next one, which ends at a context of
    ``context`` tokens of each. Its arguments are those of measure_token() otherwise.
    """
    require_tokens(context, 1, config)
    begin = context - 2
    others = (begin,) * (batch - 1)
    with _opened(shape, config, window, memory, sinks, progress, batch=batch) as (device, accelerator):
        accelerator.position = begin
        accelerator.start([0] * batch, 2 * batch, (), others)
        chosen = accelerator.tokens()
        table, cycles = _recorded(device, chosen, batch, batch)
        all_of, first = (accelerator.instructions([0] * batch, count * batch, begin, others) for count in (2, 1))
    return replace(_pass(table, config, cycles, all_of[len(first) - 1 :]), tokens=batch)


def _recorded(device, chosen, before, count):
    """``(EventTable, cycles)`` of ``count`` tokens that are ``chosen`` after ``before`` others, in a run that then goes
    to its end.
    """
    deque(islice(chosen, before), maxlen=0)
    device.record("units")
    begin = device.cycle
    deque(islice(chosen, count), maxlen=0)
    table, cycles = device.events, device.cycle - begin
    deque(chosen, maxlen=0)
    return table, cycles


def measure_prompt(shape, config, context, window, memory="hbm2", sinks=None, progress=None, traced=None):
    """The Pass of a prompt that takes the last tokens of a context of ``context`` tokens, one in every row;
    ``traced(run)`` is called with its Run.
    """
    rows = config.rows
    with _opened(shape, config, window, memory, sinks, progress) as (device, accelerator):
        device.record("all" if traced else "units")
        accelerator.position = context - rows
        for _ in accelerator.run([0] * rows, 0):
            pass
        if traced:
            about = _about(shape, context, window, sinks, memory, "prefill")
            traced(recorded_run(device, accelerator, **about))
        found = _pass(
            device.events, config, accelerator.cycles, accelerator.instructions([0] * rows, 0, context - rows)
        )
    return replace(found, tokens=rows)


@contextmanager
def _opened(shape, config, window, memory, sinks, progress, drafts=0, batch=0, source="lookup"):
    """``(device, accelerator)`` with everything of ``shape`` (Shape) but values: these are random."""
    rule = cache_rule(shape.spec, window, sinks)
    with SimulationDevice(config, memory, progress=progress) as device:
        if batch:
            accelerator = BatchAccelerator(device, config, batch)
        else:
            accelerator = Accelerator(device, config, drafts=drafts, source=source)
        compiler = accelerator.prepare(shape, rule)
        fill_memory(device, compiler)
        if drafts:
            no_logits(device, compiler)
        yield device, accelerator


def _about(shape, context, window, sinks, memory, phase):
    """What a Run says of itself."""
    rule = cache_rule(shape.spec, window, sinks)
    what = "a token" if phase == "decode" else "a prompt's pass"
    return {
        "title": f"{shape.spec.name}, {shape.weights}: {what} at {context:,} tokens",
        "model": shape.spec.name,
        "memory": str(memory),
        "phase": phase,
        "context": context,
        "sinks": rule.sinks,
        "window": rule.window,
    }


def _pass(table, config, cycles, instructions):
    """Of ``cycles`` cycles in which these were executed, ``table`` (EventTable) is of them."""
    commands = [i for i in instructions if i.unit == "engine"]
    beats, parameters = (sum(i[name] for i in commands) for name in ("beats", "params"))
    lost, busy = lost_cycles(table, config.lanes, cycles)
    return Pass(1, cycles, beats, lost, busy - parameters)
