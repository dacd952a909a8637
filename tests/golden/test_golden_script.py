"""How programs beside the command line end."""

import pytest

from golden.errors import InputError
from myhdl_acc.cli.exits import run


@pytest.mark.parametrize(
    "raised, code, said",
    [
        (InputError("no such text"), 2, "error: no such text\n"),
        (MemoryError(), 2, "error: not enough memory\n"),
        (KeyboardInterrupt(), 130, "error: interrupted\n"),
        (None, 0, ""),
    ],
)
def test_errors_are_one_line_and_a_code(raised, code, said, capsys):
    def main():
        if raised is not None:
            raise raised
        return 0

    with pytest.raises(SystemExit) as left:
        run(main)
    assert left.value.code == code and capsys.readouterr().err == said
