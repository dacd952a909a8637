"""The model that comes with the source: it needs no torch, only its training does."""

import os
import runpy

import pytest

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm import models
from golden.llm.models import embedded
from golden.llm.perplexity import perplexity

# The novel that it was not trained on: Persuasion, chapter 23.
HELD_OUT = """
I can listen no longer in silence. I must speak to you by such means as are within my reach. You pierce my soul. I am
half agony, half hope. Tell me not that I am too late, that such precious feelings are gone for ever. I offer myself to
you again with a heart even more your own than when you almost broke it, eight years and a half ago. Dare not say that
man forgets sooner than woman, that his love has an earlier death. I have loved none but you. Unjust I may have been,
weak and resentful I have been, but never inconstant.
""".strip().replace("\n", " ")
COMMON = "the of to a and in i was it that not be her she he his had as for with you at all have so by"


@pytest.fixture(scope="module")
def austen():
    return embedded.load()


def test_it_is_small_and_compressed_throughout(austen):
    assert embedded.NAMES == ("austen",) and austen.spec.name == "austen"
    path = os.path.join(os.path.dirname(embedded.__file__), "austen.acc")
    assert os.path.getsize(path) < 2 << 20 and 1_000_000 < austen.spec.parameters < 4_000_000
    kinds = {name: matrix.packed.kind for name, matrix in austen.matrices.items()}
    assert kinds.pop("embedding") == "w8" and set(kinds.values()) == {"w2"}


def test_its_family_is_named(austen):
    assert austen.spec.family == "llama" and models.outline("austen").spec.family == "llama"


def test_its_training_makes_that_very_model(austen):
    pytest.importorskip("torch")
    path = os.path.join(os.path.dirname(__file__), "../../scripts/train_embedded.py")
    assert runpy.run_path(path)["SPEC"] == austen.spec


def test_its_tokenizer_gives_back_any_text_of_its_alphabet(austen):
    tokens = austen.tokenizer.encode(HELD_OUT)
    assert austen.tokenizer.decode(tokens) == HELD_OUT and len(HELD_OUT) / len(tokens) > 2.5


def test_it_predicts_a_text_that_it_never_saw(austen):
    """A passage of emotion in the first person is harder than the novel's average, 33; words in another order, more."""
    known = perplexity(austen, austen.tokenizer.encode(HELD_OUT))
    shuffled = perplexity(austen, austen.tokenizer.encode(" ".join(sorted(HELD_OUT.split()))))
    assert known < 60 and shuffled > 3 * known


def test_it_writes_words(austen):
    text = austen.tokenizer.decode(Decoder(austen).generate(austen.tokenizer.encode("Mr. Darcy was"), 40))
    words = [word.strip('.,;:!?"()').lower() for word in text.split()]
    assert sum(word in COMMON.split() for word in words) > len(words) / 4


def test_other_names(tmp_path):
    with pytest.raises(InputError, match=r"not a compressed model; give austen or an \.acc file"):
        embedded.load("bronte")
    with pytest.raises(InputError, match="no such file"):
        embedded.load(tmp_path / "none.acc")
    (tmp_path / "model.gguf").write_bytes(b"GGUF and more")
    for float_model in (tmp_path, tmp_path / "model.gguf"):
        with pytest.raises(InputError, match=r"not a compressed model; give .* as myhdl-acc compress makes"):
            embedded.load(float_model)
    with pytest.raises(InputError, match="austen: compressed already"):
        models.load("austen")  # there is no float model of that name
