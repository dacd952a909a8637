"""What pages and figures say is what the code and docs/data say: if one of these fails, run `make docs`."""

import re

import pytest

from golden.errors import InputError
from scripts.docs import data, figures, measure, pages
from scripts.docs.__main__ import main
from scripts.docs.cycles import cycles
from scripts.docs.figures import FIGURES
from scripts.docs.pages import PAGES, ROOT, filled
from scripts.docs.resources import resource_table


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_page_is_not_stale(path):
    text = path.read_text("utf-8")
    assert text == filled(text, path.name), "run `make docs`"


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_not_stale(name):
    assert (ROOT / "docs" / name).read_text("utf-8") == FIGURES[name](), "run `make docs`"


@pytest.mark.parametrize("page, fact", [("instructions.md", "encoding"), ("registers.md", "registers")])
def test_tables_are_generated(page, fact):
    assert f"<!-- generated: {fact} -->" in (ROOT / "docs" / page).read_text("utf-8")


def test_a_part_is_made_anew():
    text = "It takes <!-- generated: constant rtl.engine.atom_dot LATENCY -->99<!-- end --> cycles."
    assert re.fullmatch(r"It takes <!-- [^>]* -->\d<!-- end --> cycles\.", filled(text, "page.md"))


def test_a_fact_of_several_lines_stands_alone():
    text = filled("<!-- generated: presets -->old<!-- end -->", "page.md")
    assert text.split("\n")[1] == "| | `tiny` | `demo` | `u280` | `ecp5` |" and text.endswith("|\n<!-- end -->")


@pytest.mark.parametrize(
    "text, problem",
    [
        ("<!-- generated: nothing --><!-- end -->", "page.md: no fact 'nothing'"),
        ("<!-- generated: presets -->", "page.md: a generated part has no <!-- end -->"),
        ("At\n  <!-- generated: multipliers tiny --><!-- end -->", "page.md: 'multipliers tiny' begins a line"),
    ],
)
def test_wrong_parts_are_refused(text, problem):
    with pytest.raises(InputError, match=problem):
        filled(text, "page.md")


def test_figures_of_runs_are_those_of_the_data():
    run = data.read("cycles")["llama-2-7b"]
    assert cycles("llama-2-7b", "cycles") == f"{run['cycles_per_token']:,.0f}"
    assert cycles("llama-2-7b", "achievable") == f"{100 * run['share_of_achievable']:.1f} %"


@pytest.mark.parametrize("run, figure", [("nobody", "cycles"), ("austen", "colour"), ("austen", "rate")])
def test_a_figure_that_was_not_measured_is_refused(run, figure):
    with pytest.raises(InputError, match=f"no figure '{figure}' of run '{run}'"):
        cycles(run, figure)


def test_a_table_of_resources_adds_up():
    blocks = data.read("u280")["blocks"]
    *_, axi, total, share = resource_table("axi_reader").splitlines()
    readers = [blocks[name] for name in blocks if name.startswith("axi_reader")]
    assert len(readers) > 1 and f"| {readers[-1]['lut']:,} |" in axi
    assert f"| {sum(reader['lut'] * reader['instances'] for reader in readers):,} |" in total and share.endswith("| |")


def test_a_block_that_was_not_synthesised_is_refused():
    with pytest.raises(InputError, match="no block 'teapot'"):
        resource_table("teapot")


def test_the_kept_synthesis_adds_up():
    found = data.read("u280")
    for field in ("lut", "ff", "dsp", "bram36", "uram"):
        assert found["total"][field] == sum(block[field] * block["instances"] for block in found["blocks"].values())


def test_the_command_measures_what_it_is_told(monkeypatch):
    measured = []
    parts = {name: (lambda name=name: measured.append(name)) for name in ("cycles", "resources")}
    monkeypatch.setattr(measure, "PARTS", parts)
    monkeypatch.setattr(pages, "all_pages", lambda: [])
    monkeypatch.setattr(figures, "all_figures", lambda: [])
    for arguments, wanted in (
        ([], []),
        (["--measure", "cycles"], ["cycles"]),
        (["--measure"], ["cycles", "resources"]),
    ):
        measured.clear()
        assert main(arguments) == 0 and measured == wanted


def test_the_command_writes_what_is_stale(tmp_path, monkeypatch, capsys):
    stale, fresh = tmp_path / "stale.md", tmp_path / "fresh.md"
    stale.write_text("old")
    fresh.write_text("new")
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    monkeypatch.setattr(pages, "all_pages", lambda: [(stale, "new"), (fresh, "new"), (tmp_path / "made.md", "new")])
    monkeypatch.setattr(figures, "all_figures", lambda: [])
    assert main([]) == 0
    assert capsys.readouterr().err.splitlines() == ["wrote stale.md", "wrote made.md"]
    assert all((tmp_path / f"{name}.md").read_text() == "new" for name in ("stale", "fresh", "made"))
