"""Every multiplier stands between registers, as a DSP48E2 has them: its factors and its product are registered."""

import json
from collections import defaultdict

from multiplier_designs import bare_multiplier, operands

from myhdl_acc.cli.top import top_design
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.cache import converted
from myhdl_acc.simulate.yosys import Yosys


def test_every_multiplier_of_the_accelerator(tmp_path):
    cells = flattened(top_design(AcceleratorConfig.preset("tiny")), tmp_path)
    assert len(multipliers(cells)) > 100
    assert unregistered(cells) == set()


def test_one_without_registers_is_found(tmp_path):
    cells = flattened(Design(bare_multiplier, clk=clock(), rst=reset(), **operands()), tmp_path)
    (name,) = multipliers(cells)
    assert unregistered(cells) == {(place(cells[name]), port) for port in "AY"}


def flattened(design, directory):
    """{name: cell} of the whole design as Yosys writes it, registers' enables taken out of the logic before them."""
    top, files = converted(design, "verilog")
    for name, text in files.items():
        (directory / name).write_text(text)
    steps = (f"hierarchy -top {top}", "proc", "flatten", "opt_clean", "opt_dff", "opt_clean", "write_json net.json")
    Yosys().run(top, "\n".join([*(f"read_verilog {name}" for name in files), *steps]), directory)
    return json.loads((directory / "net.json").read_text())["modules"][top]["cells"]


def multipliers(cells):
    """The names of the multiplications of two values; one by a constant is an addition."""
    return [
        name
        for name, cell in cells.items()
        if cell["type"] == "$mul" and all(set(cell["connections"][port]) - {"0", "1", "x"} for port in "AB")
    ]


def unregistered(cells):
    """{(place in the source, port)} of multipliers' factors and products that are not registers' outputs and inputs."""
    driver, readers = {}, defaultdict(list)
    for cell in cells.values():
        for port, bits in cell["connections"].items():
            for bit in bits:
                if cell["port_directions"][port] == "output":
                    driver[bit] = cell["type"]
                else:
                    readers[bit].append((cell["type"], port))
    found = set()
    for name in multipliers(cells):
        bits = cells[name]["connections"]
        for port in "AB":
            if not all("dff" in driver.get(bit, "") for bit in bits[port] if isinstance(bit, int)):
                found.add((place(cells[name]), port))
        if not all("dff" in kind and port == "D" for bit in bits["Y"] for kind, port in readers[bit]):
            found.add((place(cells[name]), "Y"))
    return found


def place(cell):
    return cell["attributes"]["src"]
