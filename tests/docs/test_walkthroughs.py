"""The pages that add something to the project work as they stand."""

import pytest
from walkthrough import copy_project, run, walk

from scripts.docs.pages import ROOT


def test_add_a_unit(tmp_path):
    copy_project(tmp_path)
    files = walk((ROOT / "docs" / "add_a_unit.md").read_text("utf-8"), tmp_path)
    assert len(files) == 7
    for command in ("check", "format --check"):
        run(f"python -m ruff {command} {' '.join(map(str, files))}", tmp_path)


@pytest.mark.parametrize(
    "end, problem", [("```text\n4\n```", "'4' is not in\n3"), ("```sh\npython -c 0/0\n```", "ZeroDivisionError")]
)
def test_a_page_that_does_not_work_is_found(end, problem, tmp_path):
    page = f"```python\n# file: three.py\nprint(3)\n```\nSo\n```sh\npython three.py\n```\n```text\n3\n```\n{end}\n"
    with pytest.raises(AssertionError, match=problem):
        walk(page, tmp_path)
