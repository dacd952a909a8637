"""myhdl_acc.core: FuseSoC finds it, edalize takes its targets, and GHDL and Verilator build a block through it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from edalize.edatool import get_edatool

ROOT = Path(__file__).parents[2]
CORE = yaml.safe_load((ROOT / "myhdl_acc.core").read_text().removeprefix("CAPI=2:\n"))
NAME = CORE["name"]


@pytest.fixture
def fusesoc(tmp_path):
    def run(*arguments):
        # The generator is started as python3: that of this environment.
        path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
        environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path)}
        command = [sys.executable, "-m", "fusesoc.main", "--cores-root", ROOT, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)

    return run


def test_the_core_is_found(fusesoc):
    process = fusesoc("core", "list")
    assert process.returncode == 0 and NAME in process.stdout, process.stderr
    shown = fusesoc("core", "show", NAME).stdout
    assert all(target in shown for target in CORE["targets"])


@pytest.mark.parametrize("target, made", [("fifo_ghdl", "work-obj08.cf"), ("fifo_verilator", "Vfifo")])
def test_a_block_is_built(fusesoc, tmp_path, target, made):
    process = fusesoc("run", "--target", target, "--setup", "--build", NAME)
    assert process.returncode == 0, process.stderr
    assert [path for path in tmp_path.rglob(made) if path.is_file()], process.stdout


def test_a_wrong_block_is_refused(tmp_path):
    asked = {"gapi": "1.0", "vlnv": NAME, "parameters": {"block": "gpu", "config": "tiny", "hdl": "vhdl"}}
    (tmp_path / "asked.yml").write_text(yaml.safe_dump(asked))
    command = [sys.executable, ROOT / CORE["generators"]["convert"]["command"], "asked.yml"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert process.returncode == 1 and process.stderr.startswith("block is one of accelerator, engine, fifo")


@pytest.mark.parametrize("name", ["vivado", "trellis", "fifo_ghdl", "fifo_verilator"])
def test_edalize_takes_every_tool(tmp_path, name):
    """A project with a target's tool and its options, configured: what it would run names the top and the file."""
    target = CORE["targets"][name]
    tool = target["default_tool"]
    hdl = CORE["generate"][target["generate"][0]]["parameters"]["hdl"]
    file, kind = ("top.vhd", "vhdlSource-2008") if hdl == "vhdl" else ("top.v", "verilogSource")
    (tmp_path / file).touch()
    options = target.get("tools", {}).get(tool, {})
    files = [{"name": file, "file_type": kind}]
    edam = {"name": "small", "toplevel": target["toplevel"], "files": files, "tool_options": {tool: options}}
    get_edatool(tool)(edam=edam, work_root=str(tmp_path)).configure()
    made = "\n".join(path.read_text() for path in tmp_path.iterdir() if path.name != file)
    assert target["toplevel"] in made and file in made
    for value in options.values():
        assert all(part in made for part in ([value] if isinstance(value, str) else value))
