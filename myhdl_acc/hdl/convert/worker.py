"""Converts a design in a process of its own: ``python -m myhdl_acc.hdl.convert.worker``, a pickled Job on stdin.

MyHDL keeps state in module globals, so every entity is converted in a child forked from this clean process, two at a
time. The pickled outcome goes to standard output; what a design prints goes to standard error.
"""

import importlib.machinery
import importlib.util
import multiprocessing
import os
import pickle
import re
import resource
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

GUARD = "MYHDL_ACC_CONVERTING"
"""Environment variable that is set in here: a script that converts when it is imported must not start over."""

PARALLEL = 2
"""Entities that are converted at the same time."""


@dataclass
class Job:
    """What the parent process asks for; ``spec`` is a pickled EntitySpec, as unpickling it imports its modules."""

    hdl: str
    directory: str
    path: list
    modules: dict  # module name -> source file, for modules that cannot be found on the path
    spec: bytes


class _KnownFiles:
    """Finds modules that the parent had loaded from a file outside the module search path (pytest, scripts)."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        if name in self.modules:
            return importlib.util.spec_from_file_location(name, self.modules[name])
        return None


def load_top(job):
    """The EntitySpec of the top; raises ConversionError if its source cannot be found again."""
    from myhdl_acc.hdl.convert.errors import ConversionError

    os.environ[GUARD] = "1"
    sys.path[:] = job.path
    sys.meta_path.append(_KnownFiles(job.modules))
    if b"__main__" in job.spec and "__main__" in job.modules:
        spec = importlib.util.spec_from_file_location("__mp_main__", job.modules["__main__"])
        sys.modules["__main__"] = sys.modules["__mp_main__"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    try:
        return pickle.loads(job.spec)
    except (ImportError, AttributeError) as error:
        raise ConversionError(
            f"convert: a block must be defined in a module that can be imported again: {error}"
        ) from None


def discover(top):
    """All distinct entities below and including ``top``: {entity name: spec}, an entity after those that it uses.

    Raises ConversionError for a combinational loop, and for names that cannot be.
    """
    from myhdl_acc.hdl.convert.check import check_name
    from myhdl_acc.hdl.convert.check_loops import check_loops
    from myhdl_acc.hdl.convert.elaborate import elaborate
    from myhdl_acc.hdl.convert.errors import ConversionError

    found, blocks, children = [top], {}, {}
    keys = {top.key}
    for spec in found:
        blocks[spec.key], state = elaborate(spec)
        children[spec.key] = [child.key for child in state.children]
        for child in state.children:
            if child.key not in keys:
                keys.add(child.key)
                found.append(child)
    variants = {}
    for spec in found:
        variants.setdefault(spec.function.strip("_"), []).append(spec)
    names = {}
    for function, specs in variants.items():
        for number, spec in enumerate(specs, 1):
            name = function if len(specs) == 1 else f"{function}_{number}"
            check_name("entity", name)
            if name.lower() in {taken.lower() for taken in names.values()}:
                raise ConversionError(f"convert: two entities would be called {name}; rename one of the blocks")
            names[spec.key] = name
    ordered = {}

    def place(key):
        if names[key] not in ordered:
            for child in children[key]:
                place(child)
            ordered[names[key]] = by_key[key]

    by_key = {spec.key: spec for spec in found}
    place(top.key)
    check_loops(ordered, blocks)
    return ordered


def _attempt(send, function, arguments):
    """In a child: run, and send (result, None) or (None, message or exception)."""
    try:
        send.send((function(*arguments), None))
    except Exception as error:
        send.send((None, error_text(error)))


def error_text(error):
    """One line about a failure."""
    from golden.errors import InputError
    from myhdl_acc.hdl.convert.place import place_of

    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or ["no message"]
    text = " ".join(lines)
    if isinstance(error, InputError):
        return text
    place = place_of(error)
    text = re.sub(r"^in file .*?, line \d+: ", "", text) if place else text  # MyHDL's own way to say it
    return f"{type(error).__name__}: {place and place + ': '}{text}"


class Children:
    """Runs functions in forked children, at most PARALLEL at a time."""

    def __init__(self):
        self.context = multiprocessing.get_context("fork")
        self.running = []  # (process, receiving end, label)

    def start(self, label, function, *arguments):
        if len(self.running) == PARALLEL:
            self.wait()
        receive, send = self.context.Pipe(duplex=False)
        process = self.context.Process(target=_attempt, args=(send, function, arguments))
        process.start()
        send.close()
        self.running.append((process, receive, label))

    def wait(self):
        """The result of the oldest child; raises ConversionError with its message if it failed."""
        from myhdl_acc.hdl.convert.errors import ConversionError

        process, receive, label = self.running.pop(0)
        try:
            result, problem = receive.recv()
        except EOFError:
            result, problem = None, f"{label}: the conversion process ended unexpectedly"
        process.join()
        if problem:
            raise ConversionError(problem)
        return result

    def finish(self):
        while self.running:
            self.wait()


def main():
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    job = pickle.load(sys.stdin.buffer)
    children = Children()
    try:
        outcome = (convert_all(job, children), None)
    except Exception as error:
        outcome = (None, error_text(error))
        for process, *_ in children.running:
            process.kill()
    with answer:
        pickle.dump(outcome, answer)


def convert_all(job, children):
    """Convert everything; returns (entity names in order of use, peak memory in MiB)."""
    from myhdl_acc.hdl.convert.elaborate import convert_entity

    top = load_top(job)
    importlib.import_module(top.module)  # before there are children, of which each would do it again
    children.start(top.function, discover, top)
    entities = children.wait()
    names = {spec.key: name for name, spec in entities.items()}
    for name, spec in entities.items():
        children.start(name, convert_entity, job.hdl, Path(job.directory), name, spec, names)
    children.finish()
    own, largest = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return list(entities), (own + PARALLEL * largest) / 1024


if __name__ == "__main__":
    warnings.simplefilter("ignore", DeprecationWarning)
    main()
