"""Tokens per second of a row: from the measured cycles of one row, in proportion to the bytes that a token reads."""

from myhdl_acc.rtl.config import AcceleratorConfig

CLOCK = 225e6
_DEMO = AcceleratorConfig.preset("demo")
_BYTES_PER_CYCLE = _DEMO.lanes * _DEMO.beat_bits // 8


def tokens_per_second(subject, found):
    """``{row name: tokens/s}`` on the configuration ``demo`` at 225 MHz, of the rows that run in integers.

    ``subject.cycles`` are those of a simulated token of the whole accelerator in one row. Other rows read more or fewer
    bytes of weights in otherwise the same program: their cycles are taken to differ by what these bytes take on all
    lanes. Empty where the row that was simulated has not been measured.
    """
    if subject.cycles is None or isinstance(found.get(subject.cycles[0]), str) or subject.cycles[0] not in found:
        return {}
    name, cycles = subject.cycles
    base = found[name]["bytes_read"]
    return {
        other: CLOCK / (cycles + (figures["bytes_read"] - base) / _BYTES_PER_CYCLE)
        for other, figures in found.items()
        if not isinstance(figures, str) and not other.startswith("float")
    }
