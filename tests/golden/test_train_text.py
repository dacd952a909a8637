"""The novels that the embedded model learns from."""

import os
import shutil

import pytest

from golden.errors import InputError
from golden.llm.train import austen


def test_the_held_out_novel_and_the_validation_are_in_no_training_text():
    texts = {name: f"{name} " * 100 for name in (*austen.TRAINING, austen.HELD_OUT)}
    training, validation, test = austen.split(texts)
    assert test == texts["persuasion"] and "persuasion" not in training + validation
    for name in austen.TRAINING:
        assert training.count(name) + validation.count(name) in (99, 100)  # one may be cut in two
        assert validation.count(name[-4:]) >= 2


def test_a_novels_lines_become_paragraphs():
    lines = ["CHAPTER  I", "", "", "It was a _very_", "fine  day.", "", "The end."]
    assert austen._paragraphs(lines) == "CHAPTER I\nIt was a very fine day.\nThe end.\n"


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg unpacks the package")
def test_a_damaged_package_is_refused(tmp_path):
    (tmp_path / f"{austen.PACKAGE}_1.deb").write_bytes(b"no package")
    with pytest.raises(InputError, match="cannot be downloaded or unpacked"):
        austen.novels(tmp_path)


def test_without_a_way_to_download_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "PATH", str(tmp_path))
    with pytest.raises(InputError, match="r-cran-janeaustenr: cannot be downloaded"):
        austen.novels(tmp_path)
