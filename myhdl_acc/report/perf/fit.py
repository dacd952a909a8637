"""Whether a model fits a configuration: the compiler's own answer, and how long a window it would take."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.memory_map import MemoryMap
from myhdl_acc.program.plan import Plan


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

    def attempt(compiled, window):
        try:
            return compiled(shape, LambdaRule(rule.sinks, window), config), None
        except InputError as error:
            return None, str(error)

    def largest(compiled, most):
        """The longest window up to ``most`` that is not refused; 0 if all are."""
        fits, refused = 0, most + 1
        while refused - fits > 1:
            window = (fits + refused) // 2
            fits, refused = (window, refused) if attempt(compiled, window)[0] else (fits, window)
        return fits

    window = rule.window
    compiler, reason = attempt(Compiler, window)
    if compiler is None:
        # The program's part of memory is small and takes long to find out, so the search begins without.
        window = largest(_without_program, window)
        compiler = attempt(Compiler, window)[0] if window else None
    if compiler is None and window:
        window = largest(Compiler, window)
        compiler = attempt(Compiler, window)[0] if window else None
    if compiler is None:
        return Fit(attempt(Compiler, 1)[1], None, None)
    return Fit(reason, window, compiler.map.beats * config.beat_bits // 8)


def _without_program(shape, rule, config):
    return MemoryMap(Plan(shape.spec, rule, config), shape.kinds, 0)
