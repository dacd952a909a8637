"""From measured passes to the figures that are compared: tokens per second, shares of bandwidth, lost cycles."""

from dataclasses import dataclass

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.report.perf.analytic import analytic_prompt, analytic_token
from myhdl_acc.report.perf.compose import composed_pass
from myhdl_acc.report.perf.host_time import host_time
from myhdl_acc.report.perf.measure import (
    Pass,
    cache_rule,
    measure_batch,
    measure_drafts,
    measure_prompt,
    measure_token,
    require_drafts,
    require_tokens,
)
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES
from myhdl_acc.simulate.hbm import HbmParameters

#: Best sequential read that Shuhai (arXiv 2005.04324) measured on one of the card's 32 pseudo-channels.
ACHIEVABLE = 13.27e9
#: Tokens in the cache unless told otherwise.
WINDOW = 1024


@dataclass(frozen=True)
class Report:
    """A pass of ``model`` with its matrices in ``weights`` on ``lanes`` lanes of ``beat_bytes`` bytes at ``clock_hz``,
    with ``context`` tokens of which attention meets those of ``rule``. ``method``: ``simulated``, the whole pass;
    ``composed``, from runs with fewer layers; ``analytic``, not of RTL. ``host_seconds``: the driver's own for a token
    of a long run of a program of ``instructions``; both are None for ``analytic``. ``drafts``: the pass tried so many,
    which came from ``source`` (lookup or heads), and all were right. ``batch``: of so many sequences, of which it took
    a token each; 0: of one.
    """

    model: str
    weights: str
    phase: str
    method: str
    measured: Pass
    lanes: int
    beat_bytes: int
    clock_hz: int
    weight_bytes: float
    context: int
    rule: LambdaRule
    host_seconds: float | None
    instructions: int | None
    drafts: int = 0
    batch: int = 0
    source: str | None = None

    @property
    def passes_per_s(self):
        return self.clock_hz / self.measured.cycles

    @property
    def tokens_per_s(self):
        return self.measured.tokens * self.clock_hz / self.measured.cycles

    @property
    def end_to_end(self):
        """Tokens per second if the host's time for a token came on top."""
        return 1 / (1 / self.tokens_per_s + self.host_seconds)

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
            "drafts": self.drafts,
            "speculate": self.source,
            "batch": self.batch,
            "cycles_per_pass": round(self.measured.cycles, 1),
            "passes_per_s": round(self.passes_per_s, 2),
            "clock_hz": self.clock_hz,
            "bytes_per_token": round(self.bytes_per_token),
            "share_of_peak": round(self.share_of_peak, 4),
            "share_of_achievable": round(self.share_of_achievable, 4),
            "multiplier_utilisation": round(self.multiplier_utilisation, 4),
            "lost_cycles": {cause: round(count, 1) for cause, count in self.measured.lost.items()},
            "method": self.method,
            "context": self.context,
            "window": self.rule.capacity,
            "sinks": self.rule.sinks,
            "host_s_per_token": round(self.host_seconds, 9),
            "program_instructions": self.instructions,
            "program_bytes": self.instructions * INSTRUCTION_BYTES,
        }


def measure(name, config, context, window=None, phase="decode", **options):
    """The Report of one decoded token after ``context`` tokens, or of a prompt's pass that ends there.

    As measure_all() with one context.
    """
    return next(measure_all(name, config, [context], window, phase, **options))


def measure_all(
    name,
    config,
    contexts,
    window=None,
    phase="decode",
    weights=None,
    clock_hz=225_000_000,
    composed=False,
    sinks=None,
    progress=None,
    tokens=1,
    traced=None,
    drafts=0,
    batch=0,
    source="lookup",
):
    """Yields the Report of every one of ``contexts``, each of a run of its own.

    ``name`` and ``weights`` are those of shape(), ``window`` (WINDOW, or what the model was trained to span if that is
    less) and ``sinks`` those of cache_rule(). ``composed``: short runs stand for all layers, see composed_pass().
    ``tokens``: decoded in one run, of which the mean is reported; ``traced``: as measure_token(). ``drafts`` and
    ``source``: as measure_drafts(); ``batch``: as measure_batch(). Raises InputError, before anything is built or run,
    if the model does not fit or a context has no such pass.
    """
    whole = shape(name, weights)
    window = window_of(whole, window)
    rule = cache_rule(whole.spec, window, sinks)
    host_seconds, compiler = host_time(whole, config, rule, drafts=drafts, batch=batch, source=source)
    rows = config.rows
    for context in contexts:
        if drafts:
            require_drafts(context, drafts)
        elif phase == "decode":
            require_tokens(context, tokens, config)
        elif context < rows or compiler.place.shape.pass_tokens(context - rows, rows) != rows:
            raise InputError(f"perf: no pass of a prompt with {rows} tokens ends at {context:,} tokens")
    options = {"sinks": sinks, "progress": progress}
    for context in contexts:

        def run(part, context=context):
            if phase == "prefill":
                return measure_prompt(part, config, context, window, traced=traced, **options)
            if drafts:
                return measure_drafts(part, config, context, window, drafts, source=source, **options)
            if batch:
                return measure_batch(part, config, context, window, batch, **options)
            return measure_token(part, config, context, window, tokens, traced=traced, **options)

        found, method = composed_pass(whole, run) if composed else (run(whole), "simulated")
        yield _report(
            name, whole, config, phase, method, found, clock_hz, context, rule, host_seconds, len(compiler.program),
            drafts, batch, source if drafts else None,
        )  # fmt: skip


def analytic(name, config, context, window=None, phase="decode", weights=None, clock_hz=225_000_000):
    """The Report of what the analytic model says instead of RTL; arguments are those of measure()."""
    whole = shape(name, weights)
    window = window_of(whole, window)
    if phase == "decode":
        require_tokens(context, 1, config)
    run = analytic_token if phase == "decode" else analytic_prompt
    found = run(whole, config, context, window)
    rule = cache_rule(whole.spec, window)
    return _report(name, whole, config, phase, "analytic", found, clock_hz, context, rule, None, None)


def _report(
    name, whole, config, phase, method, found, clock_hz, context, rule, host_seconds, instructions, drafts=0, batch=0,
    source=None,
):  # fmt: skip
    return Report(
        model=name,
        weights=whole.weights,
        phase=phase,
        method=method,
        measured=found,
        lanes=config.lanes,
        beat_bytes=config.beat_bits // 8,
        clock_hz=clock_hz,
        weight_bytes=whole.weight_bytes,
        context=context,
        rule=rule,
        host_seconds=host_seconds,
        instructions=instructions,
        drafts=drafts,
        batch=batch,
        source=source,
    )


def window_of(whole, window):
    """``window``, or unless it is given WINDOW, or what the Shape ``whole`` was trained to span if that is less."""
    return max(2, min(WINDOW, whole.spec.window or WINDOW)) if window is None else window
