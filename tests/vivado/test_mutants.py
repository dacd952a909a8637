"""The check of the scripts, checked: each of their commands left out, misspelt, each option misspelt, values swapped.

A damaged script passes through the stub, and what it made through the assertions of kernel_made. It counts as noticed
when either complains.
"""

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from kernel_made import check_help, check_ooc, check_refused, check_xo
from many_runs import ManyRuns
from mutants import mutants_of, vendor_options

ROOT = Path(__file__).parents[2]
KNOWN = vendor_options(Path(__file__).with_name("vivado_commands.tcl").read_text())
MUTANTS = [mutant for path in sorted((ROOT / "vivado").glob("*.tcl")) for mutant in mutants_of(path, KNOWN)]
OPTIONS = ["-hdl", "-out", "-part", "-freq", "-jobs"]

#: What is not noticed, and why it does not matter.
SURVIVORS = {}


class Workshop:
    """Runs copies of the scripts over a kernel, in a path with a space; a second run finds the first's leftovers."""

    def __init__(self, directory, hdl, run):
        self.directory, self.run = directory / "two words", run
        self.hdl, self.out, self.scripts = (self.directory / name for name in ("hdl", "out", "vivado"))
        shutil.copytree(ROOT / "vivado", self.scripts)
        shutil.copytree(hdl, self.hdl)

    def noticed(self, mutant):
        """Whether some run of the damaged script is not as it must be."""
        path = self.scripts / mutant.script
        sound = path.read_text()
        path.write_text(mutant.text)
        try:
            self.check()
        except (AssertionError, LookupError, ValueError, FileNotFoundError):
            return True
        finally:
            path.write_text(sound)
        return False

    def build(self, *arguments):
        return self.run("-source", self.scripts / "build.tcl", "-tclargs", *arguments)

    def check(self):
        """Everything that must hold of sound scripts."""
        shutil.rmtree(self.out, ignore_errors=True)
        given = ["-hdl", self.hdl, "-out", self.out.relative_to(self.run.directory)]
        for freq, jobs, options in ((225, 2, []), (300, 4, ["-freq", 300, "-jobs", 4])):
            check_ooc(self.build(*given, "-step", "ooc", *options), self.hdl, self.out, freq, jobs)
            check_xo(self.build(*given, *options), self.hdl, self.out, freq, jobs)
        check_help(self.build("-help"), [*OPTIONS, "-step", "-step"])
        self.check_refusals(given)

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
            ([*given, "-step", "bit"], "-step is bit, it must be xo or ooc"),
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
