"""The Verilator backend: the converted Verilog compiled with its drivers into a shared library."""

import ctypes
import math
import os
import shutil
import subprocess
import time
from functools import cache
from pathlib import Path

import numpy as np

from myhdl_acc.hdl.stream.stream import STATES
from myhdl_acc.simulate.cache import build, converted, require, run_tool
from myhdl_acc.simulate.events import make_events, recorded_probes
from myhdl_acc.simulate.stimulus import (
    DEADLOCK_CYCLES,
    RESET_CYCLES,
    WIDEST_INTEGER,
    DeadlockError,
    Run,
    SimulationError,
    check_stimulus,
    deadlock_message,
    rule_message,
)

RUNNING, DONE, BROKEN, DEADLOCK = range(4)  #: how a run of a harness ended
_CHUNK_SECONDS = 0.2  # Ctrl-C and progress wait at most about this long
_CFLAGS = "-fPIC -fvisibility=hidden -fno-gnu-unique -std=gnu++17"
_TEMPLATES = Path(__file__).parent / "templates"


class _Driver(ctypes.Structure):
    _fields_ = [
        ("words", ctypes.c_void_p),
        ("gaps", ctypes.c_void_p),
        ("transfers", ctypes.c_void_p),
        ("count", ctypes.c_int64),
        ("done", ctypes.c_int64),
        ("states", ctypes.c_int64 * 4),
        ("state", ctypes.c_int64),
    ]


def _storage(width):
    """Bytes of the model's member for a port: 1, 2, 4, 8, or whole 32-bit words above 64 bits."""
    return next((size for size in (1, 2, 4, 8) if width <= 8 * size), 4 * -(-width // 32))


def _dtype(fields):
    """The payload structure of a stream as numpy sees it."""
    return np.dtype([(f"f{i}", _member(width)) for i, (width, _) in enumerate(fields.values())])


def _member(width):
    size = _storage(width)
    return f"<u{size}" if width <= WIDEST_INTEGER else (np.uint8, (size,))


def _pack(column, width):
    """A checked column in the form that the model stores it."""
    if width <= WIDEST_INTEGER:
        return (column & ((1 << width) - 1)).astype(_member(width))
    padded = np.zeros((len(column), _storage(width)), np.uint8)
    padded[:, : column.shape[1]] = column
    return padded


def _unpack(column, width, signed):
    if width > WIDEST_INTEGER:
        return np.ascontiguousarray(column[:, : -(-width // 8)])
    values = column.astype(np.int64)
    sign = 1 << width - 1
    return (values ^ sign) - sign if signed else values


def design_header(design, top):
    """The C++ that binds the harness to the pins of this design."""
    lines = [
        "#include <cstddef>",
        "#include <stdexcept>",
        "#include <string>",
        '#include "Vdesign.h"',
        "void vl_fatal(const char* file, int line, const char*, const char* problem) {",
        '    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + problem);',
        "}",
        "#define DESIGN Vdesign",
        "struct Field { void* pin; size_t offset, size; };",
        "struct Probe {",
        "    const void* pin; size_t size; int width; bool is_signed;",
        "    int64_t read() const {",
        "        uint64_t value = 0;",
        "        memcpy(&value, pin, size);",
        "        if (is_signed && value >> (width - 1)) value |= ~uint64_t(0) << width;",
        "        return (int64_t)value;",
        "    }",
        "};",
        f"inline void set_clock(DESIGN& m, int v) {{ {_assign(design.clock)} }}",
        f"inline void set_reset(DESIGN& m, int v) {{ {_assign(design.reset)} }}",
        "template <typename Add> void bind_streams(DESIGN& m, Add add) {",
    ]
    for name, stream in design.streams.items():
        layout = _dtype(stream.fields)
        fields = ", ".join(
            f"{{&m.{name}_{field}, {layout.fields[f'f{i}'][1]}, {_storage(width)}}}"
            for i, (field, (width, _)) in enumerate(stream.fields.items())
        )
        output = "true" if stream.output else "false"
        lines.append(f"    add(&m.{name}_valid, &m.{name}_ready, {output}, {layout.itemsize}, {{{fields}}});")
    probes = ", ".join(
        f"{{&m.{name}, {_storage(width)}, {width}, {'true' if signed else 'false'}}}"
        for name, (width, signed) in design.probes.items()
        if name in recorded_probes(design)
    )
    levels = ", ".join(f"{{&m.{name}, 0, {_storage(width)}}}" for name, (width, _) in design.levels.items())
    lines += [
        "}",
        f"inline std::vector<Probe> bind_probes(DESIGN& m) {{ return {{{probes}}}; }}",
        f"inline std::vector<Field> bind_levels(DESIGN& m) {{ return {{{levels}}}; }}",
    ]
    return "\n".join(lines) + "\n"


def _assign(pin):
    return f"m.{pin} = v;" if pin else ""


@cache
def verilator_include():
    """Where Verilator's own headers and sources are."""
    listing = subprocess.run(["verilator", "-V"], capture_output=True, text=True, check=False).stdout
    root = next(
        line.split("=", 1)[1].strip() for line in listing.splitlines() if "VERILATOR_ROOT" in line and "/" in line
    )
    return Path(root) / "include"


def build_runtime():
    """Verilator's runtime library as an object file: the same for every design, and half of a small build."""
    include = verilator_include()
    command = [
        *(
            "g++",
            "-O2",
            *_CFLAGS.split(),
            "-DVL_USER_FATAL",
            f"-I{include}",
            f"-I{include}/vltstd",
            "-r",
            "-nostdlib",
            "-o",
            "runtime.o",
        ),
        *(str(include / name) for name in ("verilated.cpp", "verilated_threads.cpp")),
    ]
    return build("verilator", {"command": " ".join(command)}, lambda path: run_tool(command, path)) / "runtime.o"


_HEADERS = '#include "verilated.h"\n#include <memory>\n#include <string>\n#include <vector>\n'
# As Verilator's makefile has them. With others g++ takes no notice of what was compiled, and reads the headers again.
_MODEL_FLAGS = (
    *("-DVM_COVERAGE=0", "-DVM_SC=0", "-DVM_TRACE=0", "-DVM_TRACE_FST=0", "-DVM_TRACE_VCD=0", "-faligned-new"),
    *("-fcf-protection=none", "-O1"),
)


def compiled_headers(*flags):
    """g++'s options that spare it the headers which all designs have: they are most of a small build."""
    include = verilator_include()
    command = [
        *("g++", *_CFLAGS.split(), *flags, f"-I{include}", f"-I{include}/vltstd", "-x", "c++-header", "headers.h"),
        *("-o", "headers.h.gch"),
    ]
    parts = {"headers.h": _HEADERS, "command": " ".join(command)}
    return "-include", str(build("verilator", parts, lambda path: run_tool(command, path)) / "headers.h")


# Without -fno-table Verilator runs what reads a ROM for every value of the whole address word, to make a table of it:
# minutes for 1,024 entries.
_VERILATE = (
    *("verilator", "--cc", "-O3", "--x-assign", "fast", "--x-initial", "0", "--noassert", "-Wno-fatal", "-Wno-lint"),
    *("-Wno-style", "-fno-table", "--prefix", "Vdesign", "--Mdir", "obj", "--output-split", "40000"),
    *("-CFLAGS", _CFLAGS),
)


def build_model(design, apart=()):
    """The directory with the C++ model of a design, compiled if need be: its headers and ``*.a``.

    ``apart``: entities that are compiled once however often they occur (Verilator's hierarchical blocks), which a
    design of many large ones needs: with its 32 lanes and 64 columns apart the u280 accelerator takes 4 MB of object
    code instead of 100. Calls between blocks cost time, so small designs do without.
    """
    _require_tools()  # before the conversion leaves anything
    return build_verilog(*converted(design, "verilog"), apart)


def _require_tools():
    require("verilator", "g++", "make")


def build_verilog(top, files, apart=()):
    """As build_model, of Verilog {file name: text} with the module ``top``."""
    _require_tools()
    present = [name for name in apart if f"{name}.v" in files]
    for name in present:
        files = files | {f"{name}.v": _mark_block(name, files[f"{name}.v"])}
    verilate = [*_VERILATE, "--top-module", top, *(["--hierarchical"] if present else []), *files]
    headers = " ".join(compiled_headers(*_MODEL_FLAGS))
    make_model = ["make", "-j2", f"OPT_FAST=-O1 {headers}", "-C", "obj", "-f"]
    libraries = [f"V{name}/lib{name}.a" for name in present]

    def make(directory):
        obj = directory / "obj"
        if present:
            # Verilator 5.006 writes a block's signed ports as it does not read them: the first run stops there.
            subprocess.run(verilate, cwd=directory, capture_output=True, check=False)
            if not (obj / "Vdesign_hier.mk").exists():
                run_tool(verilate, directory)
            run_tool([*make_model, "Vdesign_hier.mk", *libraries], directory)
            for name in present:
                wrapper = obj / f"V{name}" / f"{name}.sv"
                wrapper.write_text(wrapper.read_text().replace("signed logic", "logic signed"))
            run_tool([*make_model, "Vdesign_hier.mk", "hier_build"], directory)
        else:
            run_tool(verilate, directory)
            run_tool([*make_model, "Vdesign.mk", "Vdesign__ALL.a"], directory)
        for file in (*obj.glob("*.h"), obj / "Vdesign__ALL.a", *(obj / library for library in libraries)):
            os.rename(file, directory / file.name)
        shutil.rmtree(obj)

    commands = [" ".join(verilate), " ".join(make_model), *libraries]
    return build("verilator", {**files, "commands": "\n".join(commands)}, make)


def _mark_block(name, text):
    """The module ``name`` as a hierarchical block."""
    end = text.index(");", text.index(f"module {name} ")) + 2
    return f"{text[:end]}\n/*verilator hier_block*/{text[end:]}"


def build_library(design, harness, headers=(), apart=()):
    """The shared library of a design with a harness and its own headers (names of templates), built if need be.

    The harness finds the pins through ``design.h`` (design_header). A change of the harness leaves the model as it is.
    ``apart``: see build_model.
    """
    model = build_model(design, apart)
    files = {
        **{name: (_TEMPLATES / name).read_text() for name in ("harness.h", *headers)},
        "harness.cpp": (_TEMPLATES / harness).read_text(),
        "design.h": design_header(design, converted(design, "verilog")[0]),
    }
    return compile_library(model, files)


def compile_library(model, files):
    """The shared library of a model (build_model) and ``harness.cpp`` among ``files`` {name: text}."""
    include = verilator_include()
    flags = (*_CFLAGS.split(), *compiled_headers("-O3"))
    command = [
        *("g++", "-O3", *flags, f"-I{model}", f"-I{include}", f"-I{include}/vltstd", "-shared"),
        *("-o", "design.so", "harness.cpp", str(build_runtime()), str(model / "Vdesign__ALL.a")),
        *(str(file) for file in sorted(model.glob("lib*.a"))),
    ]
    parts = {**files, "command": " ".join(command)}
    return build("verilator", parts, lambda directory: run_tool(command, directory)) / "design.so"


class Harness:
    """A simulation that is open in ``library`` (build_library); ``functions``: {name: (result, arguments)} in ctypes'
    types of what the harness has besides that of ``harness.h``. ``call.name(…)`` calls one with the simulation.
    """

    _SHARED = {
        "close": (None, []),
        "run": (ctypes.c_int64, [ctypes.c_int64]),
        "fault": (ctypes.c_char_p, []),
        "cycle": (ctypes.c_int64, []),
        "intervals": (ctypes.c_int64, [ctypes.c_void_p]),
        "forget": (None, []),
    }

    def __init__(self, library, functions, *arguments):
        self._library = ctypes.CDLL(str(library))
        for name, (result, types) in (self._SHARED | functions).items():
            function = self._function(name)
            function.restype, function.argtypes = result, [ctypes.c_void_p, *types]
        opening = self._function("open")
        opening.restype = ctypes.c_void_p
        self._handle = opening(*arguments)

    def _function(self, name):
        return getattr(self._library, f"simulation_{name}")

    def call(self, name, *arguments):
        """A function of the harness, with the simulation as its first argument."""
        return self._function(name)(self._handle, *arguments)

    def close(self):
        """Drop the simulation."""
        self.call("close")

    @property
    def fault(self):
        """Why the simulation cannot go on, or an empty text."""
        problem = self.call("fault").decode(errors="replace")
        return f"a combinational loop never settles: {problem}" if "did not converge" in problem else problem

    def run(self, cycles=math.inf, progress=None):
        """Advance by up to ``cycles``, in pieces after which Ctrl-C is heard and ``progress(cycle)`` is called; returns
        how the last piece ended: RUNNING, DONE, BROKEN or DEADLOCK.
        """
        chunk, status = 1024, RUNNING
        while status == RUNNING and cycles > 0:
            start, count = time.perf_counter(), min(chunk, cycles)
            status = self.call("run", count)
            seconds = time.perf_counter() - start
            cycles -= count
            chunk = max(64, min(2 * chunk, int(chunk * _CHUNK_SECONDS / max(seconds, 1e-6))))
            if progress is not None:
                progress(self.call("cycle"))
        return status

    def take_intervals(self):
        """The run lengths recorded since the last call: int64 (4, intervals), which are track, start, end and value."""
        pointer = ctypes.POINTER(ctypes.c_int64)()
        count = self.call("intervals", ctypes.byref(pointer))
        found = np.ctypeslib.as_array(pointer, (count, 4)).T.copy() if count else np.zeros((4, 0), np.int64)
        self.call("forget")
        return found


class VerilatorSimulation:
    """A session in a verilated model; see LockstepSimulation for what a session does."""

    def __init__(self, design):
        self.design = design
        functions = {
            "level": (None, [ctypes.c_int64, ctypes.c_char_p]),
            "start": (None, [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64]),
            "rule": (ctypes.c_char_p, []),
            "culprit": (ctypes.c_int64, []),
        }
        self._harness = Harness(build_library(design, "verilator.cpp"), functions, ctypes.c_int64(RESET_CYCLES))
        try:
            self._check_alive()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _check_alive(self):
        """Raise SimulationError if the model has given up, as it does where a combinational loop never settles."""
        if self._harness.fault:
            raise SimulationError(f"verilator: {self._harness.fault}")

    def close(self):
        if self._harness:
            self._harness.close()
            self._harness = None

    def run(self, inputs=None, expect=None, gaps=None, record=False, progress=None):
        """See LockstepSimulation.run(); the loop runs in C++ and can be interrupted."""
        self._check_alive()
        stimulus = check_stimulus(self.design, inputs, expect, gaps, record)
        for index, (name, (width, _)) in enumerate(self.design.levels.items()):
            if name in stimulus.levels:
                value = (stimulus.levels[name] % (1 << width)).to_bytes(_storage(width), "little")
                self._harness.call("level", index, value)
        streams = list(self.design.streams.values())
        drivers = (_Driver * len(streams))()
        words, keep = {}, []  # the arrays must outlive the run
        for driver, stream in zip(drivers, streams, strict=True):
            count = stimulus.counts[stream.name]
            array = words[stream.name] = np.zeros(count, _dtype(stream.fields))
            for i, (field, (width, _)) in enumerate(stream.fields.items()):
                if not stream.output:
                    array[f"f{i}"] = _pack(stimulus.words[stream.name][field], width)
            gap = stimulus.gaps.get(stream.name)
            transfers = np.zeros(count, np.int64) if record else None
            keep.append((gap, transfers))
            driver.words = array.ctypes.data
            driver.gaps = None if gap is None else gap.ctypes.data
            driver.transfers = transfers.ctypes.data if record else None
            driver.count = count
        self._harness.call("start", drivers, stimulus.record, DEADLOCK_CYCLES)
        status = self._harness.run(progress=progress)
        if status == DEADLOCK:
            names = self.design.streams
            states = [(name, d.done, d.count, d.state) for name, d in zip(names, drivers, strict=True)]
            raise DeadlockError(deadlock_message(self.design, states))
        self._check_alive()
        if status == BROKEN:
            stream = list(self.design.streams)[self._harness.call("culprit")]
            rule = self._harness.call("rule").decode()
            raise SimulationError(rule_message(stream, self._harness.call("cycle"), rule))
        return self._result(streams, drivers, words, [transfers for _, transfers in keep], record)

    def _result(self, streams, drivers, words, transfers, record):
        outputs = {
            stream.name: {
                field: _unpack(words[stream.name][f"f{i}"], *shape)
                for i, (field, shape) in enumerate(stream.fields.items())
            }
            for stream in streams
            if stream.output
        }
        counts = {s.name: dict(zip(STATES, d.states, strict=True)) for s, d in zip(streams, drivers, strict=True)}
        run = Run(outputs, self._harness.call("cycle"), counts)
        if record:
            run.transfers = {stream.name: cycles for stream, cycles in zip(streams, transfers, strict=True)}
            run.events = make_events(self.design, *self._harness.take_intervals())
        return run
