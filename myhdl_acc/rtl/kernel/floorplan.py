"""Which cells of a kernel go into which region (SLR) of the card.

All memory ports are in region 0, the registers' AXI-Lite port in region 1. A lane stays together: its port, its queue,
its part of the engine, and what packs for it. So memory crosses at the AXI ports, where the vendor's subsystem has
register slices, and the engine at the registered streams from lane to lane.
"""

from dataclasses import dataclass

from myhdl_acc.rtl.kernel.area import U280, counts, fits_one_region, shares


@dataclass(frozen=True)
class Plan:
    """``regions``: {cell: region}; ``shares``: of each region's LUTs and so on; ``wires``: {boundary: count}."""

    regions: dict
    shares: list
    wires: dict


@dataclass(frozen=True)
class Arrangement:
    """``lanes`` in each region, the region of what the ``vector`` unit shares, and whether its columns are there too or
    with their lanes (``spread``).
    """

    lanes: tuple
    vector: int
    spread: bool

    def parts(self, config):
        """What is in each region, as area.shares() wants it."""
        found = []
        for region, lanes in enumerate(self.lanes):
            here, columns = region == self.vector, counts(config)["column"]
            found.append(
                {"lane": lanes, "memory": lanes, "ends": lanes}
                | {"column": lanes * config.rows if self.spread else columns * here}
                | {"row": config.rows * here, "vector": int(here), "control": int(region == 1)}
                | {"channel": config.lanes * (region == 0)}
            )
        return found

    def regions(self, config):
        """{cell: region}: the top's own logic in region 1, a lane's cells together."""
        found = {"": 1, "u_engine0": 1, "u_vector_unit0": self.vector}
        for lane in range(config.lanes):
            region = next(i for i in range(3) if lane < sum(self.lanes[: i + 1]))
            cells = [
                f"u_port_guard{lane}",
                f"u_lane_units{lane}_lane_memory0",
                f"u_engine0/u_lane{lane}",
                f"u_vector_unit0/u_weights_packer{lane}",
                f"u_vector_unit0/u_lane_logits{lane}",
            ]
            if self.spread:
                cells += [f"u_vector_unit0/u_row{row}/u_row_columns0/u_column{lane}" for row in range(config.rows)]
            found |= dict.fromkeys(cells, region)
        return found


def arrangements(config, device=U280):
    """The Arrangements whose regions are not too full, each with as many lanes as possible near their ports."""
    for vector in (1, 2):
        for spread in (False, True):
            lanes = [0, 0, 0]
            for region in (0, vector, 3 - vector):
                while sum(lanes) < config.lanes:
                    lanes[region] += 1
                    if _fullest(config, Arrangement(tuple(lanes), vector, spread), device, region) > device.full:
                        lanes[region] -= 1
                        break
            found = Arrangement(tuple(lanes), vector, spread)
            if sum(lanes) == config.lanes and max(_fullest(config, found, device, i) for i in range(3)) <= device.full:
                yield found


def _fullest(config, arrangement, device, region):
    return max(shares(config, arrangement.parts(config)[region], device))


def plan(config, hierarchy, device=U280):
    """(a Plan or None, why): None for a kernel that fits one region, and for one that no arrangement makes fit.

    ``hierarchy``: of the accelerator (hierarchy.Hierarchy), in which the wires that cross are counted. This takes
    seconds for each arrangement of a large kernel.
    """
    if fits_one_region(config, device):
        return None, "the kernel fits SLR0"
    if "u_engine0" not in hierarchy.entities[hierarchy.top].cells:
        return None, f"{hierarchy.top} is no accelerator"
    fewest = None
    for arrangement in arrangements(config, device):
        regions = arrangement.regions(config)
        wires = hierarchy.crossings(regions, port_region)
        if all(wires.get(boundary, 0) <= device.full * there for boundary, there in device.wires.items()):
            each = [shares(config, parts, device) for parts in arrangement.parts(config)]
            return Plan(hierarchy.placed(regions), each, wires), "the regions that the kernel needs"
        fewest = min(fewest or wires, wires, key=lambda count: max(count.values()))
    if fewest is None:
        return None, "no arrangement keeps every region below the share that may be used"
    texts = [f"SLR{a} to SLR{b}: {fewest.get((a, b), 0):,} of {there:,}" for (a, b), there in device.wires.items()]
    return None, f"too many wires would cross ({', '.join(texts)})"


def port_region(name):
    """The region that a port of the accelerator leads to."""
    return 0 if name.split("_")[1:2] and name.split("_")[1] in ("ar", "aw", "r", "w", "b") else 1


_REGIONS_TCL = """\
# Which cells of the kernel belong into which SLR, for vivado/floorplan.tcl; written by myhdl_acc.rtl.kernel.
# {why}

set kernel_regions {{{regions}}}
"""


def regions_tcl(top, planned):
    """The text of ``regions.tcl``. ``planned``: what plan() gave for the cells below the entity ``top``."""
    found, why = planned
    cells = {}
    for cell, region in found.regions.items() if found else ():
        cells.setdefault(region, []).append(f"u_{top}/{cell}")
    regions = "".join(
        f"\n    SLR{region} {{\n        " + "\n        ".join(cells[region]) + "\n    }" for region in sorted(cells)
    )
    return _REGIONS_TCL.format(why=f"{why[0].upper()}{why[1:]}.", regions=f"{regions}\n" if regions else "")
