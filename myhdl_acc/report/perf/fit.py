"""Whether a model fits a configuration: the compiler's own answer, and how long a window it would take."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler


@dataclass(frozen=True)
class Fit:
    """``reason``: what stands against the rule (None: it fits). ``largest_window``: the rule's own, or the longest
    shorter one that fits beside as many sinks (None: none does), and ``channel_bytes`` that the model then takes of
    each pseudo-channel.
    """

    reason: str | None
    largest_window: int | None
    channel_bytes: int | None


def fit(shape, rule, config):
    """The Fit of ``shape`` (Shape) with ``rule`` (LambdaRule) in ``config`` (AcceleratorConfig)."""

    def attempt(window):
        try:
            return Compiler(shape, LambdaRule(rule.sinks, window), config), None
        except InputError as error:
            return None, str(error)

    compiler, reason = attempt(rule.window)
    fits, refused = (rule.window, rule.window + 1) if compiler else (0, rule.window)
    while refused - fits > 1:
        window = (fits + refused) // 2
        found = attempt(window)[0]
        if found:
            fits, compiler = window, found
        else:
            refused = window
    if compiler is None:
        return Fit(attempt(1)[1], None, None)
    return Fit(reason, fits, compiler.map.beats * config.beat_bits // 8)
