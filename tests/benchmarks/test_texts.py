"""Texts come from packages, once; their markup stays behind."""

import bz2
import io
import subprocess
import tarfile
import zipfile

import pytest

from benchmarks.evaluation import texts
from golden.errors import InputError


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("[[Philosophy]] of [[Aristotle|the teacher]]", "Philosophy of the teacher"),
        ("a<ref name=x>source [[of]] it</ref> b<ref name=x/> c", "a b c"),
        ("a{{cite|{{lang|el|{{nested}}}}}} b", "a b"),
        ("a {|class=x\n|-\n|cell\n|} b", "a  b"),
        ("a[[File:x.jpg|thumb|by [[somebody]] in [[some|where]]]] b[[Category:Things]]", "a b"),
        ("see [http://example.org/x the page], [https://example.org]", "see the page,"),
        ("a<!-- not\nthis --> <br/>b &lt;small&gt;c&lt;/small&gt;", "a b c"),
        ("a\n\n\n\nb\n", "a\n\nb"),
        ("1 &lt; 2 and a &amp; b", "1 < 2 and a & b"),
    ],
)
def test_markup(markup, plain):
    assert texts._plain(markup) == plain


def download(monkeypatch, name, make):
    """In place of a download, the archive that ``make(path)`` writes. Returns the list of what was asked for."""
    asked = []

    def run(command, **options):
        asked.append(command[-1])
        make(f"{command[command.index('-d') + 1]}/{name}")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_wikipedia(monkeypatch):
    """Of ten long articles the first eight are held out; short ones and redirections are no articles."""
    articles = [f"'''Article {number}''' " + "word " * 700 for number in range(10)]
    pages = "".join(
        f"<page><text xml:space='x'>{text}</text></page>"
        for text in (articles[0], "#REDIRECT [[x]] " + "x" * 4000, "short", *articles[1:])
    )

    def make(path):
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr(texts._WIKIPEDIA, bz2.compress(pages.encode()))

    asked = download(monkeypatch, "gensim.whl", make)
    calibration, held_out = texts.wikipedia()
    parts = held_out.split("\n\n")
    assert [part[:9] for part in parts] == [f"Article {number}" for number in range(8)]
    assert all(len(part) == 3000 for part in parts)
    assert [part[:14] for part in calibration.split("\n\n")] == ["Article 8 word", "Article 9 word"]
    assert texts.wikipedia() == (calibration, held_out) and asked == ["gensim==4.4.0"]


def test_carroll(monkeypatch):
    book = "Preface\r\n\r\nCHAPTER I. Down\r\n\r\none\r\nCHAPTER VII. Tea\r\n\r\nseven\r\nTHE END\r\nnotes"

    def make(path):
        data = book.encode("utf-8-sig")
        with tarfile.open(path, "w:gz") as package:
            entry = tarfile.TarInfo("wordcloud-1.9.6/examples/alice.txt")
            entry.size = len(data)
            package.addfile(entry, io.BytesIO(data))

    asked = download(monkeypatch, "wordcloud.tar.gz", make)
    expected = ("CHAPTER I. Down\n\none\n", "CHAPTER VII. Tea\n\nseven\n")
    assert texts.carroll() == texts.carroll() == expected and asked == ["wordcloud==1.9.6"]


@pytest.mark.parametrize(("said", "reason"), [("a\nERROR: no network\n", "ERROR: no network"), ("", "no reason given")])
def test_no_download(monkeypatch, said, reason):
    failed = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: failed)
    with pytest.raises(InputError, match=f"^wordcloud==1.9.6 cannot be downloaded: {reason}$"):
        texts.carroll()


def test_austen(monkeypatch):
    from golden.llm.train import austen

    novels = {name: f"{name}. " * 50 for name in (*austen.TRAINING, austen.HELD_OUT)}
    monkeypatch.setattr(austen, "novels", lambda directory: novels)
    training, held_out = texts.austen()
    assert held_out == novels["persuasion"] and "persuasion" not in training and "emma. emma." in training


def test_austen_without_the_extra(monkeypatch):
    from golden.llm.train import austen

    def novels(directory):
        raise ImportError("No module named 'rdata'")

    monkeypatch.setattr(austen, "novels", novels)
    with pytest.raises(InputError, match=r"^the novels need the extra \[train\] \(No module named 'rdata'\)$"):
        texts.austen()
