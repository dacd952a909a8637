"""What the parts of a kernel take of the card, and what each of its regions has."""

from dataclasses import dataclass

KINDS = ("lut", "ff", "dsp", "bram36", "uram")

#: Part: what one takes in `u280` (Yosys; docs/data/u280.json), in the order of KINDS.
_MEASURED = {
    "lane": (12_998, 25_355, 144, 13.5, 0),  # of the engine
    "memory": (1_367, 2_130, 0, 0, 8),  # readers, prefetch queue and writer of a lane
    "ends": (1_620, 1_845, 2, 1.5, 0),  # what packs probabilities and logits for a lane
    "column": (3_646, 4_172, 24, 6, 0),  # of the vector unit, with its half of a pair's rotation
    "row": (18_884, 11_129, 7, 2.5, 0),  # what a row of columns shares
    "vector": (9_736, 6_429, 7, 1, 0),  # what all rows share
    "control": (20_296, 20_414, 2, 8.5, 23),  # and the load unit, the activation buffer, the collector
}
#: The vendor's memory subsystem, for a memory port of 512 bits.
_CHANNEL = (5_000, 6_500, 0, 0, 0)


@dataclass(frozen=True)
class Device:
    """``region``: what a kernel may use in each; ``wires``: between neighbours; ``full``: the share to use at most."""

    region: tuple
    wires: dict
    full: float


#: Three regions. Of the part, the platform leaves 1,135,680 LUT, 2,271,360 FF, 8,304 DSP48E2, 1,776 block RAMs and 960
#: UltraRAMs; each region is taken to have a third. Wires: what the platform leaves on the left and on the right.
U280 = Device((378_560, 757_120, 2_768, 592, 320), {(0, 1): 11_520 + 5_277, (1, 2): 11_520 + 7_253}, 0.9)


def areas(config):
    """{part: what one takes} of a configuration: that of `u280` as if a lane grew with beat and rows, and what a row
    shares with its columns.
    """
    beat = config.beat_bits / 512
    growth = {"lane": beat * config.rows / 2, "memory": beat, "ends": beat, "row": config.lanes / 32}
    found = {part: tuple(growth.get(part, 1) * each for each in kinds) for part, kinds in _MEASURED.items()}
    return found | {"channel": tuple(beat * each for each in _CHANNEL)}


def counts(config):
    """{part: how many} of them there are."""
    lanes, rows = config.lanes, config.rows
    each = {"lane": lanes, "memory": lanes, "ends": lanes, "column": lanes * rows, "row": rows}
    return each | {"vector": 1, "control": 1, "channel": lanes}


def shares(config, parts, device=U280):
    """The share of a region's LUTs, flip-flops and so on that ``parts`` {part: how many} take."""
    each = areas(config)
    return tuple(
        sum(number * each[part][kind] for part, number in parts.items()) / there
        for kind, there in enumerate(device.region)
    )


def fits_one_region(config, device=U280):
    """Whether all of a kernel, and the memory subsystem, fit the region with the memory ports."""
    return max(shares(config, counts(config), device)) <= device.full
