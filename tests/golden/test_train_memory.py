"""The allocator of a training process."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys
from golden.llm.train.memory import keep_freed_memory
print("begun", flush=True)
keep_freed_memory()
print(os.environ["GLIBC_TUNABLES"], sys.argv[1:])
"""


@pytest.mark.parametrize("given", [None, "glibc.malloc.arena_max=1"])
def test_the_process_begins_anew_once_with_its_arguments(tmp_path, given):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("GLIBC_TUNABLES", None)
    if given is not None:
        environment["GLIBC_TUNABLES"] = given
    command = [sys.executable, str(script), "a b", "--c"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
    tunables, arguments = said[-1].split(" ", 1)
    assert arguments == "['a b', '--c']"
    if given is None:
        assert said.count("begun") == 2 and "glibc.malloc.mmap_threshold=" in tunables
    else:  # what the user chose stays
        assert said.count("begun") == 1 and tunables == given
