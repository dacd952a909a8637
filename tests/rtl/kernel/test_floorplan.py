"""Which cells go into which region: the count of wires, the plan, and the cells of converted accelerators."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from golden.errors import InputError
from myhdl_acc.cli.top import top_design
from myhdl_acc.report.synthesis import BUDGET
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.rtl.kernel.area import KINDS, U280, Device, areas, counts, fits_one_region, shares
from myhdl_acc.rtl.kernel.floorplan import Arrangement, Plan, arrangements, plan, port_region, regions_tcl
from myhdl_acc.rtl.kernel.hierarchy import Hierarchy
from myhdl_acc.simulate.cache import converted

ROOT = Path(__file__).parents[3]
TOP = """\
entity top is
    port (
        clk: in std_logic;
        sink_r_data: in unsigned(7 downto 0);
        control_q: out unsigned(3 downto 0)
    );
end entity top;
architecture MyHDL of top is
signal middle: unsigned(7 downto 0);
signal low: unsigned(3 downto 0);
signal sum: unsigned(3 downto 0);
begin

u_near0: entity work.unit
    port map (
      d => sink_r_data,
      q => middle
    );
low <= middle(4-1 downto 0);
u_far0: entity work.half
    port map (
      d => low,
      q => sum
    );
add: process (sum, middle) is
begin
    control_q <= sum + middle(7);
end process add;
end architecture MyHDL;
"""
UNIT = """\
entity unit is
    port (
        d: in unsigned(7 downto 0);
        q: out unsigned(7 downto 0)
    );
end entity unit;
architecture MyHDL of unit is
begin
u_half0: entity work.half
    port map (
      d => d,
      q => q
    );
end architecture MyHDL;
"""
HALF = """\
entity half is
    port (
        d: in unsigned(3 downto 0)
    );
end entity half;
architecture MyHDL of half is
begin
end architecture MyHDL;
"""
SMALL = Hierarchy("top", {"top": TOP, "unit": UNIT, "half": HALF})


@pytest.mark.parametrize(
    "regions, wires",
    [
        ({"": 0}, {(0, 1): 4}),  # control_q alone
        ({"": 1}, {(0, 1): 8}),  # sink_r_data
        ({"": 1, "u_near0": 0}, {(0, 1): 8}),  # what it gives to the sum; the low half is wires only
        ({"": 0, "u_far0": 1}, {(0, 1): 12}),  # four bits there, four back, and control_q
        ({"": 0, "u_far0": 2}, {(0, 1): 12, (1, 2): 8}),  # past a region: at both boundaries
        ({"": 1, "u_near0": 0, "u_near0/u_half0": 2}, {(0, 1): 8, (1, 2): 16}),
    ],
)
def test_wires_are_counted(regions, wires):
    assert SMALL.crossings(regions, port_region) == wires


def test_a_cell_that_is_not_there():
    for regions in ({"": 0, "u_off0": 1}, {"": 0, "u_near0/u_off0": 1}):
        with pytest.raises(InputError, match="u_off0"):
            SMALL.crossings(regions, port_region)
    with pytest.raises(InputError, match="top has no cell u_off0"):
        SMALL.placed({"u_off0": 1})


def test_no_cell_lies_in_two_regions():
    assert SMALL.placed({"": 1, "u_near0": 0, "u_near0/u_half0": 2}) == {"u_far0": 1, "u_near0/u_half0": 2}


def test_areas_are_those_of_the_synthesis():
    """In u280 they add up to what Yosys says; three regions have what the platform leaves."""
    config = PRESETS["u280"]
    total = json.loads((ROOT / "docs" / "data" / "u280.json").read_text())["total"]
    each, number = areas(config), counts(config)
    for kind, name in enumerate(KINDS):
        parts = sum(number[part] * each[part][kind] for part in number if part != "channel")
        assert parts == pytest.approx(total[name], rel=0.03)
        assert 3 * U280.region[kind] == getattr(BUDGET, name)


@pytest.mark.parametrize("preset, fits", [("tiny", True), ("demo", True), ("ecp5", True), ("u280", False)])
def test_small_kernels_fit_one_region(preset, fits):
    assert fits_one_region(PRESETS[preset]) is fits


def test_an_arrangement_fills_regions_from_the_ports_on():
    config = replace(PRESETS["u280"], lanes=16, rows=4)
    found = list(arrangements(config))
    assert found[0] == Arrangement((8, 1, 7), 1, False) and len(found) == 4
    for arrangement in found:
        assert sum(arrangement.lanes) == 16
        parts = arrangement.parts(config)
        for part, number in counts(config).items():
            assert sum(region.get(part, 0) for region in parts) == number
        assert max(max(shares(config, region)) for region in parts) <= U280.full


#: A device so small that `tiny` needs two of its regions.
TOY = Device(tuple(each / 9 for each in U280.region), U280.wires, 0.9)


@pytest.fixture(scope="module")
def tiny():
    return hierarchy_of(PRESETS["tiny"])


def hierarchy_of(config):
    top, files = converted(top_design(config), "vhdl")
    return Hierarchy(top, {Path(name).stem: text for name, text in files.items()})


def test_plan(tiny):
    """Every cell of the accelerator is in one region, and in the hierarchy."""
    config = PRESETS["tiny"]
    found, why = plan(config, tiny, TOY)
    assert why == "the regions that the kernel needs"
    assert found.regions["u_engine0/u_lane0"] == found.regions["u_port_guard0"] == 0
    assert found.regions["u_controller0"] == found.regions["u_vector_unit0/u_vector_control0"] == 1
    top = tiny.entities[tiny.top].cells
    assert {path.split("/")[0] for path in found.regions} == set(top)
    assert 0 < found.wires[0, 1] < 10_000 and len(found.shares) == 3
    text = regions_tcl(tiny.top, (found, why))
    assert text.count("u_accelerator/") == len(found.regions) and text.count("{") == text.count("}") == 3


def test_a_plan_is_refused(tiny):
    config = PRESETS["tiny"]
    assert plan(config, tiny) == (None, "the kernel fits SLR0")
    few = replace(TOY, wires={(0, 1): 100, (1, 2): 100})
    found, why = plan(config, tiny, few)
    assert found is None and why.startswith("too many wires would cross (SLR0 to SLR1: ") and "of 100" in why
    found, why = plan(config, tiny, replace(TOY, full=0.1))
    assert found is None and why.startswith("no arrangement")
    assert "set kernel_regions {}\n" in regions_tcl(tiny.top, (None, why))


def test_spread_columns_are_cells(tiny):
    regions = Arrangement((1, 1, 0), 1, True).regions(PRESETS["tiny"])
    assert tiny.placed(regions)["u_vector_unit0/u_row1/u_row_columns0/u_column0"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "tiny"])
def test_cells_of_every_preset(preset):
    """All that an arrangement names is there; `u280` has more wires at any than the card."""
    config = PRESETS[preset]
    hierarchy = hierarchy_of(config)
    for spread in (False, True):
        lanes = (config.lanes - config.lanes // 3, config.lanes // 3, 0)
        arrangement = Arrangement(lanes, 2, spread)
        assert hierarchy.placed(arrangement.regions(config))
        wires = hierarchy.crossings(arrangement.regions(config), port_region)
        assert (wires[0, 1] > U280.wires[0, 1]) is (preset == "u280")
    found, why = plan(config, hierarchy)
    assert found is None and why.startswith("no arrangement" if preset == "u280" else "the kernel fits")


@pytest.mark.slow
def test_half_of_u280_has_a_plan():
    config = replace(PRESETS["u280"], lanes=16)
    found, _ = plan(config, hierarchy_of(config))
    assert isinstance(found, Plan) and 14_000 < found.wires[0, 1] <= 0.9 * U280.wires[0, 1]
