"""The check of the scripts, checked: each of their commands left out, misspelt, each option misspelt, values swapped.

A damaged script passes through the stub, and what it made through the assertions of kernel_made. It counts as noticed
when either complains.
"""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from kernel_made import (
    check_floorplan,
    check_help,
    check_ooc,
    check_refused,
    check_reports,
    check_xo,
    ended_well,
)
from many_runs import ManyRuns
from mutants import mutants_of, vendor_options
from project_made import check_bitstream, check_project

from myhdl_acc.rtl.kernel.floorplan import Plan, regions_tcl

ROOT = Path(__file__).parents[2]
KNOWN = vendor_options(Path(__file__).with_name("vivado_commands.tcl").read_text())
MUTANTS = [mutant for path in sorted((ROOT / "vivado").glob("*.tcl")) for mutant in mutants_of(path, KNOWN)]
OPTIONS = ["-hdl", "-out", "-part", "-freq", "-jobs"]
#: Scripts that build_project.tcl alone sources.
PROJECT = ("build_project.tcl", "block_design.tcl", "implement.tcl")
REGIONS = {"SLR0": ["u_stand_in/u_lane_stand_in0"], "SLR2": ["u_stand_in/u_lane_stand_in1"]}

#: What is not noticed, and why it does not matter.
SURVIVORS = {
    'floorplan.tcl: dropped: return ""': "the procedure returns nothing then too",
    "floorplan.tcl: dropped: close $channel": "the end of the run closes it",
    "build_project.tcl: dropped: file mkdir $option(-out)": "create_project makes it too, but no page promises that",
}


class Workshop:
    """Runs copies of the scripts over a kernel, in a path with a space; a second run finds the first's leftovers."""

    def __init__(self, directory, hdl, run):
        self.directory, self.run = directory / "two words", run
        self.hdl, self.out, self.scripts = (self.directory / name for name in ("hdl", "out", "vivado"))
        shutil.copytree(ROOT / "vivado", self.scripts)
        shutil.copytree(hdl, self.hdl)
        plan = Plan({"u_lane_stand_in0": 0, "u_lane_stand_in1": 2}, [], {})
        (self.hdl / "regions.tcl").write_text(regions_tcl("stand_in", (plan, "made for a test")))

    def noticed(self, mutant):
        """Whether some run of the damaged script is not as it must be."""
        path = self.scripts / mutant.script
        sound = path.read_text()
        path.write_text(mutant.text)
        try:
            if mutant.script in PROJECT:
                self.check_project()
            else:
                self.check()
        except (AssertionError, LookupError, ValueError, FileNotFoundError):
            return True
        finally:
            path.write_text(sound)
        return False

    def build(self, *arguments, script="build.tcl"):
        return self.run("-source", self.scripts / script, "-tclargs", *arguments)

    def check(self):
        """Everything that must hold of sound scripts."""
        shutil.rmtree(self.out, ignore_errors=True)
        given = ["-hdl", self.hdl, "-out", self.out.relative_to(self.run.directory)]
        for freq, jobs, options in ((225, 2, []), (300, 4, ["-freq", 300, "-jobs", 4])):
            check_ooc(self.build(*given, "-step", "ooc", *options), self.hdl, self.out, freq, jobs)
            check_xo(self.build(*given, *options), self.hdl, self.out, freq, jobs)
            run = self.build(*given, "-step", "route", *options)
            check_ooc(run, self.hdl, self.out, freq, jobs, "routed")
            check_floorplan(run, REGIONS)
        check_help(self.build("-help"), [*OPTIONS, "-step", "-step", "-step"])
        self.check_refusals(given)
        self.check_hook(given)
        self.check_collect()
        self.check_project()

    def check_project(self):
        """The way without Vitis."""
        shutil.rmtree(self.out, ignore_errors=True)
        script, given = "build_project.tcl", ["-hdl", self.hdl, "-out", self.out]
        check_project(self.build(*given, "-step", "project", script=script), self.hdl, self.out)
        check_bitstream(self.build(*given, script=script), self.hdl, self.out)
        options = ["-freq", 300, "-jobs", 4]
        check_bitstream(self.build(*given, *options, script=script), self.hdl, self.out, 300, 4)
        check_help(self.build("-help", script=script), [*OPTIONS, "-step", "-step"])
        check_refused(self.build("-hdl", self.hdl, script=script), "option -out is missing")
        regions = self.hdl / "regions.tcl"
        text = regions.read_text()
        regions.write_text("set kernel_regions {}\n")
        try:
            check_bitstream(self.build(*given, script=script), self.hdl, self.out, hook=False)
        finally:
            regions.write_text(text)
        failing = self.out / "failing.tcl"
        for name in ("synth_1", "impl_1"):
            lines = [f"set stub::fails {name}", f"set argv {{-hdl {{{self.hdl}}} -out {{{self.out}}}}}"]
            failing.write_text("\n".join([*lines, f"source {{{self.scripts / script}}}", ""]))
            check_refused(self.run("-source", failing), f"{name} has failed: place_design ERROR")

    def implement(self, prefix, before=""):
        """A run that opens a design with the kernel somewhere in it, and sources the hook."""
        checkpoint, script = self.out / "whole.dcp", self.out / "implement.tcl"
        checkpoint.write_text(
            "\n".join(["myhdl_acc_kernel", prefix, " ".join(f"{{{f}}}" for f in self.hdl.glob("*.vhd"))])
        )
        hook = self.out / "floorplan_hook.tcl"
        script.write_text(f"open_checkpoint {{{{{checkpoint}}}}}\n{before}\nsource {{{hook}}}\n")
        return self.run("-source", script)

    def check_hook(self, given):
        """The planned cells are bound wherever the kernel is, to the platform's pblocks if it has them."""
        check_floorplan(self.implement("level0_i/ulp/kernel_1/inst/"), REGIONS, "level0_i/ulp/kernel_1/inst/")
        run = self.implement("", "create_pblock pblock_dynamic_SLR0\ncreate_pblock pblock_dynamic_SLR2")
        assert {row["name"]: row["cells"].split() for row in run.objects("pblock")} == {
            f"pblock_dynamic_{slr}": cells for slr, cells in REGIONS.items()
        }
        run = self.implement("a/ b/")
        assert run.code == 1 and run.err == "the design has 2 kernels\n"
        regions = self.hdl / "regions.tcl"
        text = regions.read_text()
        regions.write_text(text.replace("u_lane_stand_in1", "u_lane_stand_in7"))
        try:
            run = self.implement("k/")
            assert run.code == 1 and run.err == "the design has no cell k/u_stand_in/u_lane_stand_in7\n"
            regions.write_text("set kernel_regions {}\n")
            ended_well(self.build(*given))
            assert not (self.out / "floorplan_hook.tcl").exists()
        finally:
            regions.write_text(text)

    def check_collect(self):
        collected, given = self.out / "collected", self.out.relative_to(self.run.directory)
        checkpoint = ["-checkpoint", given / "whole.dcp"]
        run = self.build(*checkpoint, "-out", given / "collected", script="collect_reports.tcl")
        ended_well(run)
        check_reports(run, collected, "opened")
        assert run.made["state"]["design"] == "closed"
        check_help(self.build("-help", script="collect_reports.tcl"), ["-checkpoint", "-out"])
        run = self.build("-checkpoint", "no.dcp", "-out", given, script="collect_reports.tcl")
        path = Path(self.run.directory, "no.dcp")
        check_refused(run, f"{path} does not exist; give a checkpoint of an implemented design")
        run = self.build(*checkpoint, "-hdl", "x", script="collect_reports.tcl")
        check_refused(run, "unknown option -hdl; there are -checkpoint, -out")

    def check_refusals(self, given):
        options = ", ".join([*OPTIONS, "-step"])
        number = "it must be a positive whole number"
        for arguments, message in (
            ([], "option -hdl is missing"),
            (["-hdl", self.hdl], "option -out is missing"),
            ([*given, "-freq"], "option -freq needs a value"),
            ([*given, "-board", "u50"], f"unknown option -board; there are {options}"),
            ([*given, "-freq", "fast"], f"-freq is fast, {number}"),
            ([*given, "-jobs", "0"], f"-jobs is 0, {number}"),
            ([*given, "-step", "bit"], "-step is bit, it must be xo or ooc or route"),
            (
                ["-hdl", self.scripts, "-out", self.out],
                f"{self.scripts / 'config.tcl'} does not exist; run myhdl-acc convert --kernel first",
            ),
        ):
            check_refused(self.build(*arguments), message)
        self.check_changed("stand_in.vhd", None, "does not exist; run myhdl-acc convert --kernel first", given)
        missing = "Vivado has not inferred the interface m_axi_02 from myhdl_acc_kernel.vhd"
        self.check_changed("config.tcl", ("    m_axi_01\n}", "    m_axi_01\n    m_axi_02\n}"), missing, given)

    def check_changed(self, name, change, message, given):
        """A file of the kernel that is not there, or has another text, ends the run with a message."""
        path = self.hdl / name
        text = path.read_text()
        if change is None:
            path.unlink()
            message = f"{path} {message}"
        else:
            path.write_text(text.replace(*change))
        try:
            check_refused(self.build(*given), message)
        finally:
            path.write_text(text)


@pytest.fixture(scope="module")
def workshop(packaged_hdl, tmp_path_factory, vivado_environment):
    directory = tmp_path_factory.mktemp("mutants")
    with ManyRuns(directory, vivado_environment) as run:
        yield Workshop(directory, packaged_hdl, run)


def survivors(workshop, mutants):
    return [str(mutant) for mutant in mutants if not workshop.noticed(mutant)]


def test_sound_scripts_pass(workshop):
    workshop.check()


def test_a_sample_is_noticed(workshop):
    found = survivors(workshop, random.Random(1).sample(MUTANTS, 80))
    assert len(found) <= 4, found


@pytest.mark.slow
def test_all_are_noticed(workshop):
    kinds = Counter(mutant.kind for mutant in MUTANTS)
    assert len(MUTANTS) >= 200 and set(kinds) == {"dropped", "misspelt", "option", "swapped"}
    found = survivors(workshop, MUTANTS)
    assert len(found) <= 0.05 * len(MUTANTS)
    assert sorted(found) == sorted(SURVIVORS)
