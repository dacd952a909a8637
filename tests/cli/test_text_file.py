"""Texts of users' files."""

import pytest

from golden.errors import InputError
from myhdl_acc.cli import text_file


def test_a_text_as_it_is(tmp_path):
    (tmp_path / "text").write_bytes("é\r\n".encode())
    assert text_file.read_text(tmp_path / "text", newline="") == "é\r\n"


def test_an_endless_file(monkeypatch):
    monkeypatch.setattr(text_file, "LONGEST", 1000)
    with pytest.raises(InputError, match="/dev/zero: more than 1,000 characters"):
        text_file.read_text("/dev/zero")
