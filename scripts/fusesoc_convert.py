"""The generator of myhdl_acc.core: converts a block, and writes a core file that lists its HDL in order.

FuseSoC gives a YAML file with the parameters: ``block`` (accelerator, engine or fifo), ``config`` (a preset or a JSON
file), ``hdl`` (vhdl or verilog).
"""

import sys
from pathlib import Path

import yaml

from myhdl_acc.cli.options import load_config
from myhdl_acc.cli.top import top_design
from myhdl_acc.driver.rtl_engine import engine_ports
from myhdl_acc.hdl.convert import convert
from myhdl_acc.hdl.stream import Stream, fifo
from myhdl_acc.rtl.engine.engine import engine
from myhdl_acc.simulate import Design, clock, reset

FILE_TYPES = {"vhdl": "vhdlSource-2008", "verilog": "verilogSource"}
BLOCKS = {
    "accelerator": top_design,
    "engine": lambda config: Design(engine, clk=clock(), rst=reset(), **engine_ports(config)),
    "fifo": lambda config: Design(
        fifo,
        clk=clock(),
        rst=reset(),
        sink=Stream(data=config.beat_bits),
        source=Stream(data=config.beat_bits),
        depth=16,
    ),
}


def main(path):
    asked = yaml.safe_load(Path(path).read_text())
    parameters = asked["parameters"]
    block, hdl = parameters["block"], parameters["hdl"]
    if block not in BLOCKS or hdl not in FILE_TYPES:
        sys.exit(f"block is one of {', '.join(BLOCKS)}; hdl is one of {', '.join(FILE_TYPES)}")
    report = convert(BLOCKS[block](load_config(parameters["config"])), hdl, "hdl")
    core = {
        "name": asked["vlnv"],
        "filesets": {"hdl": {"files": [f"hdl/{file.name}" for file in report.files], "file_type": FILE_TYPES[hdl]}},
        "targets": {"default": {"filesets": ["hdl"]}},
    }
    name = asked["vlnv"].split(":")[2]
    Path(f"{name}.core").write_text("CAPI=2:\n" + yaml.safe_dump(core, sort_keys=False))


if __name__ == "__main__":
    main(sys.argv[1])
