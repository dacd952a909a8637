"""From measured passes to the figures that are compared: tokens per second, shares of bandwidth, lost cycles."""

from dataclasses import dataclass

from myhdl_acc.memory.hbm import HbmParameters
from myhdl_acc.perf.measure import Pass, measure_pass
from myhdl_acc.perf.shapes import shape

#: Best sequential read that Shuhai (arXiv 2005.04324) measured on one of the card's 32 pseudo-channels.
ACHIEVABLE = 13.27e9
#: Layers of the two runs that are composed: their difference is a layer, what is left is the rest of a token.
COMPOSED_LAYERS = (1, 3)


@dataclass(frozen=True)
class Report:
    """A pass of ``model`` on ``lanes`` lanes of ``beat_bytes`` bytes at ``clock_hz``. ``method``: ``simulated``, the
    whole pass; ``composed``, from two runs with fewer layers (COMPOSED_LAYERS)."""

    model: str
    phase: str
    method: str
    measured: Pass
    lanes: int
    beat_bytes: int
    clock_hz: int
    weight_bytes: float

    @property
    def tokens_per_s(self):
        return self.measured.tokens * self.clock_hz / self.measured.cycles

    @property
    def cycles_per_token(self):
        return self.measured.cycles / self.measured.tokens

    @property
    def bytes_per_token(self):
        return self.measured.beats * self.lanes * self.beat_bytes / self.measured.tokens

    def share(self, bandwidth):
        """Of ``bandwidth`` bytes per second and lane."""
        return self.bytes_per_token * self.tokens_per_s / (bandwidth * self.lanes)

    @property
    def share_of_peak(self):
        return self.share(HbmParameters().peak)

    @property
    def share_of_achievable(self):
        return self.share(ACHIEVABLE)

    @property
    def multiplier_utilisation(self):
        """Cycles in which a lane's multipliers worked, by all cycles; every row of the pass has a token."""
        return self.measured.multiplied / self.measured.cycles

    def fields(self):
        """What ``perf --json`` prints."""
        return {
            "model": self.model,
            "phase": self.phase,
            "tokens_per_s": round(self.tokens_per_s, 2),
            "cycles_per_token": round(self.cycles_per_token, 1),
            "clock_hz": self.clock_hz,
            "bytes_per_token": round(self.bytes_per_token),
            "share_of_peak": round(self.share_of_peak, 4),
            "share_of_achievable": round(self.share_of_achievable, 4),
            "multiplier_utilisation": round(self.multiplier_utilisation, 4),
            "lost_cycles": {cause: round(count, 1) for cause, count in self.measured.lost.items()},
            "method": self.method,
        }


def measure(
    name, config, context, window, phase="decode", weights="w2", clock_hz=225_000_000, composed=False, progress=None
):
    """The Report of one decoded token after ``context`` tokens, or of a prompt's pass at ``context`` tokens.

    ``composed``: two runs with COMPOSED_LAYERS layers stand for all.
    """
    tokens = config.rows if phase == "prefill" else 1
    whole = shape(name, weights)

    def run(count=None):
        return measure_pass(shape(name, weights, count), config, context, window, tokens, progress=progress)

    if composed:
        fewer, more = (run(count) for count in COMPOSED_LAYERS)
        measured, method = compose(fewer, more, whole.spec.layers), "composed"
    else:
        measured, method = run(), "simulated"
    return Report(name, phase, method, measured, config.lanes, config.beat_bits // 8, clock_hz, whole.weight_bytes)


def compose(fewer, more, layers):
    """The pass of ``layers`` layers, from those of COMPOSED_LAYERS."""
    steps = (layers - COMPOSED_LAYERS[0]) / (COMPOSED_LAYERS[1] - COMPOSED_LAYERS[0])

    def extend(a, b):
        return a + (b - a) * steps

    causes = dict.fromkeys([*fewer.lost, *more.lost])
    lost = {cause: extend(fewer.lost.get(cause, 0), more.lost.get(cause, 0)) for cause in causes}
    return Pass(
        fewer.tokens,
        round(extend(fewer.cycles, more.cycles)),
        round(extend(fewer.beats, more.beats)),
        lost,
        extend(fewer.multiplied, more.multiplied),
    )
