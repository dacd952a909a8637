"""How programs beside the command line end."""

import os
import signal

import pytest

from golden.errors import InputError
from golden.files import replacing
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


def test_sigterm_removes_what_is_half_written(tmp_path, capsys):
    def main():
        with replacing(tmp_path / "out") as file:
            file.write("half")
            signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as left:
        run(main)
    assert left.value.code == 143 and capsys.readouterr().err == "error: terminated\n"
    assert os.listdir(tmp_path) == [] and signal.getsignal(signal.SIGTERM) == before
