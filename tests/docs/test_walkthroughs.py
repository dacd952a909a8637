"""The pages that add something to the project work as they stand."""

import re

import pytest
from walkthrough import copy_project, run, walk

from scripts.docs.pages import ROOT

UNIT, INSTRUCTION = ((ROOT / "docs" / f"add_{name}.md").read_text("utf-8") for name in ("a_unit", "an_instruction"))


def lint(files, directory):
    for command in ("check", "format --check"):
        run(f"python -m ruff {command} {' '.join(map(str, files))}", directory)


def test_add_a_unit(tmp_path):
    copy_project(tmp_path)
    files = walk(UNIT, tmp_path)
    assert len(files) == 7
    lint(files, tmp_path)


def test_add_an_instruction(tmp_path):
    copy_project(tmp_path)
    walk(UNIT, tmp_path, commands=False)
    files = walk(INSTRUCTION, tmp_path)
    assert [file.stem for file in files] == ["datapaths", "instructions", "vector", "test_relu_square"]
    assert len(re.findall(r"^\+", INSTRUCTION, re.MULTILINE)) < 30  # lines that an instruction is
    lint(files, tmp_path)


@pytest.mark.parametrize(
    "end, problem", [("```text\n4\n```", "'4' is not in\n3"), ("```sh\npython -c 0/0\n```", "ZeroDivisionError")]
)
def test_a_page_that_does_not_work_is_found(end, problem, tmp_path):
    page = f"```python\n# file: three.py\nprint(3)\n```\nSo\n```sh\npython three.py\n```\n```text\n3\n```\n{end}\n"
    with pytest.raises(AssertionError, match=problem):
        walk(page, tmp_path)


def test_a_block_of_diff_changes_a_file(tmp_path):
    (tmp_path / "file.py").write_text("a\nb\n\nc\nb\n")
    walk("```diff\n# file: file.py\n a\n-b\n+B\n\n@@\n+d\n c\n```\n", tmp_path)
    assert (tmp_path / "file.py").read_text() == "a\nB\n\nd\nc\nb\n"


@pytest.mark.parametrize("line, times", [("e", 0), ("b", 2)])
def test_lines_that_are_not_there_once_are_found(line, times, tmp_path):
    (tmp_path / "file.py").write_text("a\nb\n\nc\nb\n")
    with pytest.raises(AssertionError, match=f"{times} times in"):
        walk(f"```diff\n# file: file.py\n {line}\n+d\n```\n", tmp_path)
