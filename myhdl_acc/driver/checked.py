"""The accelerator beside the golden model: every pass is done by both, and what they leave behind is compared."""

import numpy as np

from golden.decoder import Decoder
from golden.units.sampling import GREEDY
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.golden_device import GoldenDevice
from myhdl_acc.rtl.engine.sequencer import STATES
from myhdl_acc.simulate.stimulus import SimulationError

_CHANGING = (".keys", ".value_scales", ".values", "logits")


class MismatchError(SimulationError):
    """The hardware and the golden model left different bytes behind."""


class CheckedAccelerator:
    """``model`` with ``rule`` on ``device`` (Device) of ``config``; ``cycles`` counts what its passes took.

    With ``check`` the golden machine runs the same programs and golden.decoder the same tokens: after every pass every
    byte of the cache and the logits must equal the machine's, after the last one of a feed every logit the decoder's.
    ``checked`` counts these bytes and logits. Raises MismatchError where they differ.
    """

    def __init__(self, device, config, model, rule, check=True):
        self._device, self._config = device, config
        self.cycles = 0
        self.checked = 0
        self.lane_cycles = dict.fromkeys(STATES, 0)  #: of all lanes together, by the sequencer's states
        self._accelerator = Accelerator(device, config)
        self._accelerator.load(model, rule)
        self._sampling = GREEDY
        self._golden = None
        if check:
            self._golden_device = GoldenDevice(config)
            self._golden = Accelerator(self._golden_device, config)
            self._golden.load(model, rule)
            self._decoder = Decoder(model, sinks=rule.sinks, window=rule.window, rows=config.rows)

    def reset(self):
        """Forget all tokens."""
        self._accelerator.reset()
        if self._golden is not None:
            self._golden.reset()
            self._decoder.reset()

    def logits(self):
        """As Accelerator.logits()."""
        return self._accelerator.logits()

    def sample(self, sampling):
        """As Accelerator.sample()."""
        self._sampling = sampling
        self._accelerator.sample(sampling)
        if self._golden is not None:
            self._golden.sample(sampling)

    def feed(self, tokens):
        """Take all ``tokens`` and return the next one."""
        left = list(tokens)
        while left:
            count = self._accelerator.write_tokens(left)
            self._accelerator.start()
            self._accelerator.wait()
            self._count(self._accelerator.counters())
            if self._golden is not None:
                self._golden.write_tokens(left)
                self._golden.start()
                self._golden.wait()
                self._compare_memory()
            left = left[count:]
        token = self._accelerator.read_token()
        if self._golden is not None:
            self._compare_logits(tokens, token)
        return token

    generate = Accelerator.generate  #: with the methods here

    def _count(self, counters):
        self.cycles += counters["cycles"]
        for state in STATES:
            self.lane_cycles[state] += sum(counters[f"cycles_{state}"])

    def _compare_memory(self):
        beat = self._config.beat_bits // 8
        for name, region in self._accelerator.regions.items():
            if not name.endswith(_CHANGING):
                continue
            place = region.address * beat, region.beats * beat
            for lane in range(self._config.lanes):
                found = self._device.read_memory(lane, *place)
                expected = self._golden_device.read_memory(lane, *place)
                if not np.array_equal(found, expected):
                    at = int(np.argmax(found != expected))
                    raise MismatchError(
                        f"{name}, lane {lane}, byte {at}: RTL wrote {found[at]}, golden says {expected[at]}"
                    )
                self.checked += found.size

    def _compare_logits(self, tokens, token):
        logits, expected = self._accelerator.logits(), self._decoder.feed(tokens)[-1]
        self.checked += expected.size
        if not np.array_equal(logits, expected) or token != self._sampling.token(expected, self._decoder.position):
            at = int(np.argmax(logits != expected))
            raise MismatchError(f"logit {at}: RTL computed {logits[at]}, golden says {expected[at]}; token {token}")
