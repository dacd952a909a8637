"""What computes the engine's operations: the golden model or a simulator, behind one interface."""

import contextlib
import math

from golden.units.engine import execute_all


class GoldenEngine:
    """The golden model in the place of RtlEngine; it has no clock, so ``cycles`` is None."""

    cycles = None

    def execute(self, operations):
        return execute_all(operations)


@contextlib.contextmanager
def open_engine(backend, config, **options):
    """An engine with ``execute(operations)`` and ``cycles``; ``options`` are RtlEngine's."""
    if backend == "golden":
        yield GoldenEngine()
        return
    from myhdl_acc.program.rtl_engine import RtlEngine

    with RtlEngine(config, backend, **options) as engine:
        yield engine


class Decoding:
    """Decodes ``count`` tokens after the token numbers ``prompt``, and counts the engine's cycles on the way.

    Iterating yields token numbers. Then ``prompt_cycles`` is what the prompt took, until its logits and so the first
    token were known, and ``token_cycles`` what each further token took (empty for an engine without clock).
    """

    def __init__(self, decoder, engine, prompt, count):
        self.decoder, self.engine, self.prompt, self.count = decoder, engine, prompt, count
        self.tokens = []
        self.prompt_cycles = None
        self.token_cycles = []

    def __iter__(self):
        before = self.engine.cycles
        for token in self.decoder.generate(self.prompt, self.count):
            if before is not None:
                cycles, before = self.engine.cycles - before, self.engine.cycles
                if self.tokens:
                    self.token_cycles.append(cycles)
                else:
                    self.prompt_cycles = cycles
            self.tokens.append(token)
            yield token

    @property
    def cycles_per_token(self):
        """Mean cycles of a decoded token; of a prompt token if only one token was decoded; None without a clock."""
        if self.prompt_cycles is None:
            return None
        if self.token_cycles:
            return round(math.fsum(self.token_cycles) / len(self.token_cycles), 1)
        return round(self.prompt_cycles / len(self.prompt), 1)
