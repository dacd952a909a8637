"""What decodes: the golden model, the whole accelerator in Verilator, or the golden model with a simulated engine."""

import contextlib
import math

from golden.units.argmax import argmax
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
    from myhdl_acc.driver.rtl_engine import RtlEngine

    with RtlEngine(config, backend, **options) as engine:
        yield engine


@contextlib.contextmanager
def open_decoder(backend, config, model, rule, check):
    """``(decoder, clock)`` with ``rule`` (LambdaRule): something with ``generate(prompt, count)`` and ``reset()``, and
    what counts ``cycles`` and ``checked`` integers.

    ``verilator`` is the whole accelerator; in the other simulators the engine alone computes the products.
    """
    from golden.decoder import ROWS, Decoder

    if backend == "verilator":
        from myhdl_acc.driver.checked import CheckedAccelerator
        from myhdl_acc.driver.simulation_device import SimulationDevice

        with SimulationDevice(config, "hbm2") as device:
            accelerator = CheckedAccelerator(device, config, model, rule, check)
            yield accelerator, accelerator
        return
    options, rows = ({}, ROWS) if backend == "golden" else ({"check": check}, config.rows)
    with open_engine(backend, config, **options) as engine:
        yield Decoder(model, execute=engine.execute, sinks=rule.sinks, window=rule.window, rows=rows), engine


def largest(logits):
    """What hardware chooses."""
    return int(argmax(logits))


class Decoding:
    """Decodes up to ``count`` tokens after the token numbers ``prompt`` into ``stream`` (TextStream), and counts cycles
    on the way; ``choose`` is what a decoder's ``generate`` takes, ``end`` are the tokens that end a text.

    After ``run``: ``tokens`` are all that were decoded, an end token and those of a stop text included; ``stopped``
    says why there are no more: ``end``, ``stop`` or ``count``. ``prompt_cycles`` is what the prompt took, until its
    logits and so the first token were known, and ``token_cycles`` what each further token took (empty without a clock).
    The last token was not fed to the decoder.
    """

    def __init__(self, decoder, clock, prompt, count, stream, choose=None, end=()):
        self.decoder, self.clock, self.prompt, self.count, self.stream = decoder, clock, prompt, count, stream
        self.choose, self.end = choose, end
        self.tokens = []
        self.stopped = None
        self.prompt_cycles = None
        self.token_cycles = []

    def run(self, between=lambda: None):
        """Decode; ``between`` is called before every token but the first."""
        before = self.clock.cycles
        for token in self.decoder.generate(self.prompt, self.count, self._chooser, self.end):
            if before is not None:
                cycles, before = self.clock.cycles - before, self.clock.cycles
                if self.tokens:
                    self.token_cycles.append(cycles)
                else:
                    self.prompt_cycles = cycles
            self.tokens.append(token)
            if token in self.end:
                self.stopped = "end"
                break
            self.stream.put(token)
            if self.stream.stopped:
                break
            if len(self.tokens) < self.count:
                between()
        self.stream.close()
        self.stopped = self.stopped or ("stop" if self.stream.stopped else "count")

    @property
    def _chooser(self):
        """A text that ends with a text is only known to have ended when its tokens are read: one start for each."""
        return largest if self.choose is None and self.stream.stops else self.choose

    @property
    def cycles_per_token(self):
        """Mean cycles of a decoded token; of a prompt token if only one token was decoded; None without a clock."""
        if self.prompt_cycles is None:
            return None
        if self.token_cycles:
            return round(math.fsum(self.token_cycles) / len(self.token_cycles), 1)
        return round(self.prompt_cycles / len(self.prompt), 1)
