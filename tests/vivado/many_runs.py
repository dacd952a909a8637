"""Runs of the Vivado stub, many in one process (many_runs.tcl)."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("many_runs.tcl")


@dataclass(frozen=True)
class Run:
    """A finished run: exit code, stderr, stdout, the commands that Vivado got, and what they made ({} if it failed).

    ``made``: ``objects``, ``state`` and ``projects``, as the stub writes them.
    """

    code: int
    err: str
    out: str
    commands: list
    made: dict

    def objects(self, kind, **properties):
        """The objects of a kind that have these values."""
        wanted = properties | {"kind": kind}
        return [row for row in self.made["objects"] if wanted.items() <= row.items()]


class ManyRuns:
    """``run("-source", script, …)`` as with the program; a context."""

    def __init__(self, directory, environment):
        self.directory = directory
        self._log, self._state = Path(directory, "commands.log"), Path(directory, "state.json")
        self._process = subprocess.Popen(
            ["tclsh", SERVER], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment | {"VIVADO_STUB_LOG": str(self._log), "VIVADO_STUB_STATE": str(self._state)},
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        with self._process:
            self._process.stdin.close()

    def __call__(self, *arguments):
        for file in (self._log, self._state):
            file.unlink(missing_ok=True)
        self._process.stdin.write(" ".join(f"{{{argument}}}" for argument in ("-mode", "batch", *arguments)) + "\n")
        self._process.stdin.flush()
        # An empty part is {}.
        code, err, out = (bytes.fromhex(part.strip("{}")).decode() for part in self._process.stdout.readline().split())
        commands = self._log.read_text().splitlines() if self._log.exists() else []
        made = json.loads(self._state.read_text()) if self._state.exists() else {}
        return Run(int(code or 0), err, out, commands, made)
