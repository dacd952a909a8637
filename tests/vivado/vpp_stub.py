"""Stands in for v++ and emconfigutil: knows the used options of Vitis 2023.1 (UG1393) and checks their values.

A .xo is what the Vivado stub's package_xo wrote: the kernel's name and its ports.
"""

import re
import sys
from pathlib import Path

PLATFORM = "xilinx_u280_gen3x16_xdma_1_202211_1"
COMMON = {"--target", "--platform", "--temp_dir", "--output"}
OPTIONS = {
    "--link": COMMON | {"--config", "--kernel_frequency", "--jobs", "--report_dir", "--log_dir", "--vivado.prop"},
    "--package": COMMON | {"--package.out_dir"},
    "emconfigutil": {"--platform", "--od"},
}
SWITCHES = {"--link": {"--save-temps"}, "--package": set(), "emconfigutil": set()}
PSEUDO_CHANNELS = 32
SLRS = 3


class Refused(Exception):
    """The real tool would stop."""


def require(condition, problem):
    if not condition:
        raise Refused(problem)


def parse(step, arguments):
    """({option: value}, [other arguments])."""
    options, files = {}, []
    arguments = list(arguments)
    while arguments:
        word = arguments.pop(0)
        if word in SWITCHES[step]:
            continue
        if word in OPTIONS[step]:
            require(arguments and not arguments[0].startswith("-"), f"{word} needs a value")
            require(word not in options, f"{word} is given twice")
            options[word] = arguments.pop(0)
        else:
            require(not word.startswith("-"), f"unknown option {word}")
            files.append(word)
    require(options.get("--platform") == PLATFORM, "no such platform")
    return options, files


def link(options, files):
    require(options.get("--target") in ("hw", "hw_emu"), "target")
    require(int(options["--kernel_frequency"]) > 0 and int(options["--jobs"]) > 0, "numbers")
    hook(options.get("--vivado.prop"))
    (xo,) = files
    kernel, ports = Path(xo).read_text().splitlines()
    connectivity(Path(options["--config"]).read_text(), kernel, ports.split())
    placed = " by plan" if "--vivado.prop" in options else ""
    Path(options["--output"]).write_text(f"linked {kernel}{placed}\n")


def hook(text):
    """Check a property of the implementation: a script before it places."""
    if text is not None:
        name, path = text.split("=", 1)
        require(name == "run.impl_1.STEPS.PLACE_DESIGN.TCL.PRE", f"unknown property {name}")
        require(Path(path).is_absolute() and "apply_floorplan" in Path(path).read_text(), f"no hook {path}")


def connectivity(text, kernel, ports):
    """Check a configuration file: one instance, every memory port on a pseudo-channel of its own."""
    section, instance, banks = None, None, {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line
            require(section == "[connectivity]", f"unknown section {section}")
            continue
        require(section, f"{line} is in no section")
        key, value = line.split("=", 1)
        if key == "nk":
            name, count, instance = value.split(":")
            require(name == kernel and count == "1", line)
        elif key == "slr":
            name, slr = value.split(":")
            require(name == instance and re.fullmatch(r"SLR\d", slr) and int(slr[3:]) < SLRS, line)
        elif key == "sp":
            match = re.fullmatch(r"(\w+)\.(\w+):HBM\[(\d+)\]", value)
            require(match and match[1] == instance and match[2] in ports, line)
            require(match[2] not in banks and int(match[3]) < PSEUDO_CHANNELS, line)
            banks[match[2]] = match[3]
        else:
            raise Refused(f"unknown key {key}")
    require(sorted(banks) == sorted(port for port in ports if port.startswith("m_axi_")), "a port without memory")
    require(len(set(banks.values())) == len(banks), "two ports share a pseudo-channel")


def package(options, files):
    (linked,) = files
    require(Path(linked).read_text().startswith("linked "), f"{linked} is not linked")
    Path(options["--package.out_dir"]).mkdir(parents=True, exist_ok=True)
    Path(options["--output"]).write_text("packaged\n")


def main(arguments):
    step = arguments.pop(0)
    require(step in OPTIONS, f"unknown option {step}")
    options, files = parse(step, arguments)
    if step == "--link":
        link(options, files)
    elif step == "--package":
        package(options, files)
    else:
        require(not files, "emconfigutil takes no files")
        Path(options["--od"], "emconfig.json").write_text("{}\n")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Refused as problem:
        sys.exit(f"v++: {problem}")
