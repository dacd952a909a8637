"""Runs of the whole accelerator: a text is decoded, and what every unit did for one token is kept."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.models import embedded
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.report.perf.lost_cycles import lost_cycles
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.cache import telling
from myhdl_acc.trace.events import EventTable

PARTS = ("the last token", "the prompt")
"""What of a run may be shown. The prompt is its prefill, with the choice of the first token."""


@dataclass
class TokenChoice:
    """What to decode: ``count`` tokens after ``prompt`` by ``model`` (an embedded model's name or an ``.acc`` file) on
    the configuration ``preset``; attention to the first ``sinks`` and the last ``window`` tokens; behind every port the
    ``memory`` of that name (SimulationDevice); ``part`` of PARTS is kept."""

    prompt: str = "She was"
    count: int = 12
    sinks: int = 2
    window: int = 8
    memory: str = "hbm2"
    model: str = "austen"
    preset: str = "demo"
    part: str = PARTS[0]


@dataclass(frozen=True)
class TokenRun:
    """What a TokenChoice led to: the EventTable of its ``part``, memory ports included; ``lost`` {cause: cycles} of a
    lane (perf.lost_cycles); the decoded ``tokens``; the ``summary`` {label: value}."""

    table: EventTable
    lost: dict
    tokens: list
    summary: dict


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
    Compiler(model, rule, config)  # what does not fit is said before anything is built
    at = "the prompt"

    def progress(cycle):
        say(f"{at}: cycle {cycle:,}")

    with (
        telling(lambda what: say(f"{what}; the first time only, some minutes")),
        SimulationDevice(config, choice.memory, progress=progress) as device,
    ):
        say(f"the prompt's {len(prompt)} tokens")
        accelerator = CheckedAccelerator(device, config, model, rule)
        tokens, tables = [], {}
        device.record("all")
        for token in accelerator.generate(prompt, choice.count):
            tokens.append(token)
            tables[PARTS[0]] = device.events
            tables.setdefault(PARTS[1], tables[PARTS[0]])
            at = f"token {min(len(tokens) + 1, choice.count)} of {choice.count}"
            device.record("all")
    table = tables[choice.part]
    cycles = table.span[1]
    lost, busy = lost_cycles(table, config.lanes, cycles)
    evicted = max(0, len(prompt) + len(tokens) - 1 - rule.capacity)
    summary = {
        "text": model.tokenizer.decode([*prompt, *tokens]),
        f"cycles of {choice.part}": cycles,
        "cycles with a beat": f"{busy / cycles:.1%}",
        "tokens evicted": evicted,
        "compared with golden": f"{accelerator.checked:,} cache bytes and logits, all equal",
    }
    return TokenRun(table, lost, tokens, summary)


def unread(text, tokenizer):
    """The characters of ``text`` that the model does not see, since its vocabulary has no tokens for them."""
    seen = tokenizer.decode(tokenizer.encode(text))
    return [character for character in dict.fromkeys(text) if character not in seen and not character.isspace()]
