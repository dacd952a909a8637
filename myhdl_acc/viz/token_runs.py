"""Runs of the whole accelerator: a text is decoded, and what every unit did for one token is kept."""

from dataclasses import dataclass, replace

import numpy as np

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.models import embedded
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.driver.recording import TokenRecorder
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.cache import telling
from myhdl_acc.trace.run import Run
from myhdl_acc.viz.half_depth import HalfDepth, queue_memory

PARTS = ("the last token", "the prompt")
"""What of a run may be shown. The prompt is its prefill, with the choice of the first token."""


@dataclass
class TokenChoice:
    """What to decode: ``count`` tokens after ``prompt`` by ``model`` (an embedded model's name or an ``.acc`` file) on
    the configuration ``preset``; attention to the first ``sinks`` and the last ``window`` tokens; behind every port the
    ``memory`` of that name (SimulationDevice); ``part`` of PARTS is kept. ``half_depth``: all of it again with half the
    depth of the prefetch queues."""

    prompt: str = "She was"
    count: int = 12
    sinks: int = 2
    window: int = 8
    memory: str = "hbm2"
    model: str = "austen"
    preset: str = "demo"
    part: str = PARTS[0]
    half_depth: bool = False


@dataclass(frozen=True)
class TokenRun:
    """What a TokenChoice led to: the Run of its ``part``, memory ports included; ``lost`` {cause: cycles} of a lane
    (perf.lost_cycles); the texts of all tokens, in ``prompt`` and ``decoded``; the ``cycles`` from choice to choice,
    the first of which are the prompt's; the ``summary`` {label: value}; ``half``: the HalfDepth that was asked for."""

    run: Run
    lost: dict
    prompt: list
    decoded: list
    cycles: list
    summary: dict
    half: HalfDepth | None = None


def token_runs():
    """The function from (TokenChoice, say) to TokenRun, for a RunProcess."""
    return run_tokens


def run_tokens(choice, say=lambda text: None):
    """The TokenRun of a TokenChoice; ``say(text)`` is told what it is at.

    Every byte of the cache and every logit is compared with the golden model. Raises InputError for a choice that
    cannot be run.
    """
    if choice.count < 1:
        raise InputError(f"decode at least one token, not {choice.count}")
    if choice.part not in PARTS:
        raise InputError(f"no part {choice.part!r} of a run; there are {', '.join(PARTS)}")
    say(f"{choice.model} is read")
    model, config = embedded.load(choice.model), AcceleratorConfig.preset(choice.preset)
    prompt = model.tokenizer.prompt(choice.prompt)
    if not prompt:
        raise InputError("the prompt is empty; it must have at least one token")
    rule = LambdaRule(choice.sinks, choice.window)
    configs = [config, replace(config, prefetch=config.prefetch // 2)][: 1 + choice.half_depth]
    for one in configs:
        Compiler(model, rule, one)  # what does not fit is said before anything is built
    with telling(lambda what: say(f"{what}; the first time only, some minutes")):
        run, tokens, stamps, checked = _decode(choice, model, prompt, rule, config, say)
        half = None
        if choice.half_depth:
            said = f"half the depth, {configs[1].prefetch} beats"
            half_run, *_ = _decode(choice, model, prompt, rule, configs[1], lambda what: say(f"{said}: {what}"))
            say("what the queues take of the card, by Yosys")
            half = HalfDepth(half_run, *map(queue_memory, configs))
    lost, busy = lost_cycles(run.table, config.lanes, run.cycles)
    summary = {
        "text": model.tokenizer.decode([*prompt, *tokens]),
        f"cycles of {choice.part}": run.cycles,
        "cycles with a beat": f"{busy / run.cycles:.1%}",
        "tokens evicted": max(0, len(prompt) + len(tokens) - 1 - rule.capacity),
        "compared with golden": f"{checked:,} cache bytes and logits, all equal",
    }
    lost_characters = "".join(unread(choice.prompt, model.tokenizer))
    if lost_characters:
        summary["not in the vocabulary, so not read"] = lost_characters
    pieces = [[model.tokenizer.piece(token) for token in part] for part in (prompt, tokens)]
    return TokenRun(run, lost, *pieces, np.diff(stamps).tolist(), summary, half)


def _decode(choice, model, prompt, rule, config, say):
    """``(Run of the part, tokens, cycles at each choice, integers compared)``."""
    at = "the prompt"

    def progress(cycle):
        say(f"{at}: cycle {cycle:,}")

    with SimulationDevice(config, choice.memory, progress=progress) as device:
        say(f"the prompt's {len(prompt)} tokens")
        accelerator = CheckedAccelerator(device, config, model, rule)
        run, tokens, stamps = None, [], [0]
        recorder = TokenRecorder(device, accelerator)
        for token in accelerator.generate(prompt, choice.count):
            tokens.append(token)
            stamps.append(accelerator.cycles)
            about = {"title": f"{choice.model}, {choice.part}", "model": choice.model, "memory": choice.memory}
            wanted = len(tokens) == (choice.count if choice.part == PARTS[0] else 1)
            run = recorder.take(wanted, **about, context=len(prompt) + len(tokens)) or run
            at = f"token {min(len(tokens) + 1, choice.count)} of {choice.count}"
    return run, tokens, stamps, accelerator.checked


def unread(text, tokenizer):
    """The characters of ``text`` that the model does not see, since its vocabulary has no tokens for them."""
    seen = tokenizer.decode(tokenizer.encode(text))
    return [character for character in dict.fromkeys(text) if character not in seen and not character.isspace()]
