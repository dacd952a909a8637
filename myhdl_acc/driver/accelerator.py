"""The driver: a model on a device, token by token."""

import numpy as np

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.sampling import GREEDY
from myhdl_acc.driver.device import START, DeviceError
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.image import model_image
from myhdl_acc.rtl.control.instruction import encode
from myhdl_acc.rtl.control.register_map import (
    COUNTERS,
    OFFSETS,
    STATUS,
    STATUS_MEANINGS,
    counter_offset,
    pointer_offset,
    token_offset,
)

WATCHDOG = 1 << 20  # cycles without movement: far above any wait for memory
_TIMEOUT = 60.0  # seconds
_UNWRITTEN = np.int32(-(1 << 31))


class Accelerator:
    """Decodes on ``device`` (Device), which has the configuration ``config``.

    A pass is ``write_tokens``, ``start``, ``wait``; then ``read_token``, ``logits``, ``top`` tell what comes next.
    ``feed`` and ``generate`` do that for prompts and texts. Failed runs raise DeviceError.
    """

    def __init__(self, device, config, timeout=_TIMEOUT):
        self._device = device
        self._config = config
        self._timeout = timeout
        self._compiler = None

    def load(self, model, rule=None):
        """Put ``model`` (AccModel) into the device's memory, and forget all tokens.

        ``rule`` (LambdaRule) is as in golden.decoder. Raises InputError if the model does not fit the configuration.
        """
        compiler = self.prepare(model, rule)
        for beat, lanes in model_image(model, compiler.map):
            for lane, beats in enumerate(lanes):
                self._device.write_memory(lane, beat * self._beat_bytes, np.ascontiguousarray(beats).reshape(-1))

    def prepare(self, model, rule=None):
        """Everything of ``load`` but the model's content, of which only spec, formats and norms' constants are used;
        returns its Compiler.
        """
        spec = model.spec
        if rule is None:
            rule = LambdaRule.of(spec)
        compiler = Compiler(model, rule, self._config)
        self._spec = spec
        self._beat_bytes = self._config.beat_bits // 8
        self._device.allocate(compiler.map.beats * self._beat_bytes)
        for lane in range(self._config.lanes):
            address = self._device.address(lane)
            self._device.write_register(pointer_offset(lane), address & 0xFFFFFFFF)
            self._device.write_register(pointer_offset(lane) + 4, address >> 32)
        self._device.write_register(OFFSETS["watchdog"], WATCHDOG)
        self._device.write_register(OFFSETS["program"], compiler.map.address("program"))
        self._compiler = compiler
        self.sample(GREEDY)
        self.reset()
        return compiler

    @property
    def regions(self):
        """Where things lie in every lane's memory: regions by name, in beats (docs/memory_map.md)."""
        return self._compiler.map.regions

    def reset(self):
        """Forget all tokens."""
        self.position = 0  #: position of the next token
        self._row = None  # of the last token of the pass that was written last

    def sample(self, sampling):
        """From the next pass on, choose tokens as ``sampling`` (golden Sampling) says; ``load`` makes it GREEDY."""
        self._sampling = sampling
        self._device.write_register(OFFSETS["temperature"], sampling.temperature)
        self._device.write_register(OFFSETS["seed"], sampling.seed & 0xFFFFFFFF)
        self._device.write_register(OFFSETS["seed_high"], sampling.seed >> 32)

    def write_tokens(self, tokens):
        """Prepare the pass that takes as many of ``tokens`` as it can, and return their number.

        A pass that does not take all of them computes no logits.
        """
        if self._compiler is None:
            raise InputError("accelerator: no model is loaded")
        tokens = [int(token) for token in tokens]
        if not tokens:
            raise InputError("accelerator: there are no tokens; a prompt has at least one")
        count = self._compiler.pass_tokens(self.position, len(tokens))
        logits = count == len(tokens)
        program = self._compiler.program(self.position, tokens[:count], logits)
        code = encode(program)
        self._device.write_memory(0, self._compiler.map.address("program") * self._beat_bytes, code)
        self._device.write_register(OFFSETS["instructions"], len(program))
        if logits and not self._device.readable:
            self._mark_logits()
        self._row = count - 1 if logits else None
        self.position += count
        return count

    def start(self):
        """Start the pass."""
        self._device.write_register(OFFSETS["ctrl"], START)

    def wait(self):
        """Wait for the pass to end."""
        self._device.wait(self._timeout)
        if self._device.readable:
            status, instruction = self.status()
            if status != "ok":
                raise DeviceError(f"instruction {instruction}: status {status}, {STATUS_MEANINGS[status]}")
        elif self._row is not None and (self._last_logit_beats() == _UNWRITTEN).all():
            raise DeviceError("the run ended without logits: the program failed")

    def read_token(self):
        """The next token: the most likely one, the lowest among equals, or what was drawn."""
        self._require_logits()
        if self._device.readable:
            return self._device.read_register(token_offset(self._row))
        return self._sampling.token(self.logits(), self.position)

    def logits(self):
        """Logits (vocab,) int32, 16 fraction bits, of the last token."""
        self._require_logits()
        region = self._compiler.map.regions["logits"]
        lanes = [self._read_words(lane, region.address, region.beats) for lane in range(self._config.lanes)]
        return np.stack(lanes, axis=1).reshape(-1)[: self._spec.vocab]

    def top(self, count):
        """``[(token, logit)]`` of the ``count`` largest logits, the largest first and the lower token among equals."""
        logits = self.logits()
        order = np.argsort(-logits.astype(np.int64), kind="stable")[:count]
        return [(int(token), int(logits[token])) for token in order]

    def status(self):
        """``(name, instructions dispatched)`` of the latest run."""
        code = self._device.read_register(OFFSETS["status"]) & 0xFF
        names = {number: name for name, number in STATUS.items()}
        return names.get(code, f"code {code}"), self._device.read_register(OFFSETS["instruction"])

    def counters(self):
        """``{"cycles": n, counter: [n per lane]}`` of the latest run."""
        found = {"cycles": self._device.read_register(OFFSETS["cycles"])}
        for name in COUNTERS:
            offsets = [counter_offset(lane, name) for lane in range(self._config.lanes)]
            found[name] = [self._device.read_register(offset) for offset in offsets]
        return found

    def feed(self, tokens):
        """Take all ``tokens`` and return the next one."""
        tokens = list(tokens)
        while True:
            count = self.write_tokens(tokens)
            self.start()
            self.wait()
            tokens = tokens[count:]
            if not tokens:
                return self.read_token()

    def generate(self, prompt, count, choose=None, sampling=GREEDY):
        """Feed ``prompt``, then yield ``count`` tokens: as ``sampling`` says, or what ``choose`` picks from logits."""
        self.sample(sampling)
        tokens = prompt
        for _ in range(count):
            token = self.feed(tokens)
            if choose is not None:
                token = choose(self.logits())
            yield token
            tokens = [token]

    def _require_logits(self):
        if self._row is None:
            raise InputError("accelerator: the latest pass computed no logits")

    def _mark_logits(self):
        mark = np.full(self._beat_bytes // 4, _UNWRITTEN)
        for lane in range(self._config.lanes):
            self._device.write_memory(lane, (self._compiler.map.regions["logits"].end - 1) * self._beat_bytes, mark)

    def _last_logit_beats(self):
        end = self._compiler.map.regions["logits"].end
        return np.stack([self._read_words(lane, end - 1, 1) for lane in range(self._config.lanes)])

    def _read_words(self, lane, beat, beats):
        return self._device.read_memory(lane, beat * self._beat_bytes, beats * self._beat_bytes).view("<i4")
