"""README's table of families is not stale, and its script says what happened."""

from benchmarks import families
from golden.errors import InputError
from golden.llm.models.families import FAMILIES


def test_row():
    assert families.row("qwen3", backends=("golden",)) == ("qwen3", "✓", "✓", "✓", "", "", "", "")


def test_a_cell_says_what_went_wrong(monkeypatch):
    def refuse(name, path):
        raise InputError("a | b\nc")

    monkeypatch.setitem(families.FORMATS, "GGUF", refuse)
    assert families.row("llama", backends=("golden",))[:4] == ("llama", "InputError: a \\| b", "✓", "✓")
    monkeypatch.setitem(families.FORMATS, "Hugging Face", refuse)
    assert families.row("llama", backends=("golden",))[3] == "InputError: no model"


def test_other_tokens_are_no_tick(monkeypatch):
    monkeypatch.setattr(families, "open_decoder", _wrong)
    assert families.row("llama", backends=("golden",))[3].startswith("AssertionError: [1, 0] instead of [0, 1]")


class _wrong:
    turns = 0

    def __init__(self, *_):
        _wrong.turns += 1

    def __enter__(self):
        return self, None

    def __exit__(self, *_):
        pass

    def generate(self, prompt, count):
        return [1, 0] if _wrong.turns % 2 == 0 else [0, 1]


def test_readme():
    text = families.README.read_text("utf-8")
    lines = text.split(families.MARKERS[0])[1].split(families.MARKERS[1])[0].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert tuple(rows[0]) == families.HEADER
    assert [row[0] for row in rows[2:]] == list(FAMILIES)
    assert all(cell == families.DONE for row in rows[2:] for cell in row[1:])


def test_unknown_backend(capsys):
    assert families.main(["vhdl"]) == 2
    assert "no backend vhdl; there are golden, verilator" in capsys.readouterr().err
