"""The accelerator beside the golden model: every run is done by both, and what they leave behind is compared."""

import numpy as np

from golden.decoder import ROWS, Decoder
from golden.units.sampling import GREEDY
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.golden_device import GoldenDevice
from myhdl_acc.rtl.engine.sequencer import STATES
from myhdl_acc.simulate.stimulus import SimulationError

_CHANGING = (".keys", ".value_scales", ".values")


class MismatchError(SimulationError):
    """The hardware and the golden model left different bytes behind."""


class CheckedAccelerator:
    """``model`` with ``rule`` on ``device`` (Device) of ``config``.

    With ``check`` the golden machine runs the same program and golden.decoder the same tokens: after every run each
    byte of the cache must equal the machine's, and each token and all its logits the decoder's. ``checked`` counts
    these bytes and logits. Raises MismatchError where they differ. ``choices``: tokens that one start chooses at most,
    since their logits are kept until they are compared. ``drafts``
    and ``source``: as of Accelerator; of tokens that were drafts no logits are compared.
    """

    def __init__(self, device, config, model, rule, check=True, choices=64, drafts=0, source="lookup"):
        self.device = device
        self._config = config
        self.checked = 0
        self.lane_cycles = dict.fromkeys(STATES, 0)  #: of all lanes together, by the sequencer's states
        self._accelerator = Accelerator(device, config, max(2, choices) if check else 1, drafts=drafts, source=source)
        self._accelerator.load(model, rule)
        self._sampling = GREEDY
        self._golden = None
        if check:
            self._golden_device = GoldenDevice(config)
            self._golden = Accelerator(self._golden_device, config, max(2, choices), drafts=drafts, source=source)
            self._golden.load(model, rule)
            self._decoder = Decoder(model, sinks=rule.sinks, window=rule.window, rows=ROWS)

    def reset(self):
        """Forget all tokens."""
        self._accelerator.reset()
        if self._golden is not None:
            self._golden.reset()
            self._decoder.reset()

    @property
    def cycles(self):
        """As Accelerator.cycles."""
        return self._accelerator.cycles

    @property
    def chosen_by_row(self):
        """As Accelerator.chosen_by_row."""
        return self._accelerator.chosen_by_row

    @property
    def chosen_of_head(self):
        """As Accelerator.chosen_of_head."""
        return self._accelerator.chosen_of_head

    def figures(self):
        """As Accelerator.figures()."""
        return self._accelerator.figures()

    def executed(self):
        """As Accelerator.executed()."""
        return self._accelerator.executed()

    @property
    def regions(self):
        """As Accelerator.regions."""
        return self._accelerator.regions

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
        (token,) = self.generate(tokens, 1, sampling=self._sampling)
        return token

    def generate(self, prompt, count, choose=None, sampling=GREEDY, ends=(), ahead=True):
        """As Accelerator.generate()."""
        self.sample(sampling)
        return self._accelerator.generate(prompt, count, choose, sampling, ends, ahead, self._compare_run)

    def _compare_run(self, prompt, tokens, ends):
        """A run has taken ``prompt`` and chosen ``tokens``."""
        counters = self._accelerator.counters()
        for state in STATES:
            self.lane_cycles[state] += sum(counters[f"cycles_{state}"])
        if self._golden is None:
            return
        golden = list(self._golden.run(prompt, len(tokens), ends))
        if golden != tokens:
            raise MismatchError(f"RTL chose the tokens {tokens}, golden says {golden}")
        accepted = [(one.chosen_by_row, one.chosen_of_head) for one in (self._accelerator, self._golden)]
        if accepted[0] != accepted[1]:
            raise MismatchError(f"RTL's rows chose {accepted[0]}, golden's {accepted[1]}")
        self._compare_memory()
        for number, token in enumerate(tokens):
            fed = prompt if number == 0 else tokens[number - 1 : number]
            self._compare_logits(number - len(tokens), self._decoder.feed(fed)[-1], token)
        if not tokens:
            self._decoder.feed(prompt)

    def _compare_memory(self):
        beat = self._config.beat_bits // 8
        for name, region in self._accelerator.regions.items():
            if not name.endswith(_CHANGING):
                continue
            place = region.address * beat, region.beats * beat
            for lane in range(self._config.lanes):
                found = self.device.read_memory(lane, *place)
                expected = self._golden_device.read_memory(lane, *place)
                if not np.array_equal(found, expected):
                    at = int(np.argmax(found != expected))
                    raise MismatchError(
                        f"{name}, lane {lane}, byte {at}: RTL wrote {found[at]}, golden says {expected[at]}"
                    )
                self.checked += found.size

    def _compare_logits(self, number, expected, token):
        if token != self._sampling.token(expected, self._decoder.position):
            raise MismatchError(f"RTL chose the token {token}, golden says otherwise")
        if not self._accelerator.keeps_logits(number):
            return
        logits = self._accelerator.logits(number)
        self.checked += expected.size
        if not np.array_equal(logits, expected):
            at = int(np.argmax(logits != expected))
            raise MismatchError(f"logit {at}: RTL computed {logits[at]}, golden says {expected[at]}; token {token}")
