import numpy as np
import pytest
from gguf_metadata import ALPHABET, byte_level, ggml, sentence_piece
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.llm.models.gguf_tokenizer import gguf_tokenizer
from golden.llm.models.pre_tokenizers import RULES
from golden.llm.models.tokenizer import Tokenizer


def load(metadata, **architecture):
    return gguf_tokenizer("x.gguf", metadata | architecture)


def pieces(metadata, text):
    tokenizer = load(metadata)
    return [tokenizer.piece(token) for token in tokenizer.encode(text)]


DIGITS = ("1 2", "12 3", "123 4")


@pytest.mark.parametrize(
    ("pre", "expected"),
    [
        ("gpt-2", ["1234", "5"]),
        ("smollm", ["1", "2", "3", "4", "5"]),
        ("refact", ["1", "2", "3", "4", "5"]),
        ("llama-bpe", ["123", "4", "5"]),
        ("smaug-bpe", ["123", "4", "5"]),
        ("gpt-4o", ["123", "4", "5"]),
        ("deepseek-v3", ["123", "4", "5"]),
        ("qwen2", ["1", "2", "3", "4", "5"]),
        ("tekken", ["1", "2", "3", "4", "5"]),
        ("deepseek-llm", ["1", "2", "3", "4", "5"]),
    ],
)
def test_numbers_are_cut_as_the_family_cuts_them(pre, expected):
    assert pieces(byte_level(DIGITS, pre=pre), "12345") == expected


def test_every_rule_keeps_the_text():
    text = "Don't  stop:\r\n\n  x=3.14159; ÇA été Straße 日本語テキスト 한국어 🎉\u200d👩 а́ e\u0301\t\x00 \u3000end  "
    for name in RULES:
        tokenizer = load(byte_level(pre=name))
        found = tokenizer.decode(tokenizer.encode(text))
        assert found == (text.replace("e\u0301", "é") if RULES[name].composed else text), name


def test_a_piece_that_is_a_token_stays_whole_where_the_family_says_so():

    metadata = byte_level(("h e", "he l", "l o", "hel lo"))
    metadata["tokenizer.ggml.merges"] = ["l o", "h e"]  # nothing makes "hello"
    for pre, expected in (("llama-bpe", ["hello"]), ("tekken", ["hello"]), ("smaug-bpe", ["he", "l", "lo"])):
        metadata["tokenizer.ggml.pre"] = pre
        assert pieces(metadata, "hello") == expected


def test_unknown_pre_tokeniser():
    with pytest.raises(InputError, match=r"x\.gguf: pre-tokeniser 'nope' is .* \(.*llama-bpe.*smollm.*are\)"):
        load(byte_level(pre="nope"))
    with pytest.raises(InputError, match="pre-tokeniser None"):
        load(byte_level(pre=None))


def test_special_and_user_defined_tokens_are_taken_where_text_spells_them():
    tokenizer = load(byte_level(special=["<|endoftext|>"], user=["<|unused5|>", "  "]))
    last = tokenizer.size - 1
    assert tokenizer.encode("<|unused5|>") == [last - 1]
    assert tokenizer.encode("<|endoftext|>  <|unused5|>") == [0, last, last - 1]
    assert tokenizer.decode([0, last, last - 1]) == "<|endoftext|>  <|unused5|>"


@pytest.mark.parametrize(
    ("metadata", "before"),
    [
        (byte_level(special=["<s>"], bos_token_id=0), ()),
        (byte_level(special=["<s>"], bos_token_id=0, add_bos_token=True), (0,)),
        (byte_level(special=["<s>"], bos_token_id=0, pre="llama-bpe"), (0,)),
        (byte_level(special=["<s>"], bos_token_id=0, pre="llama-bpe", add_bos_token=False), ()),
        (byte_level(pre="llama-bpe"), ()),
        (sentence_piece(), (1,)),
        (sentence_piece(add_bos_token=False), ()),
        (sentence_piece(bos_token_id=2, add_eos_token=True), (2,)),
    ],
)
def test_bos(metadata, before):
    tokenizer = load(metadata)
    assert tokenizer.rules.before == before
    assert tokenizer.prompt("hello") == [*before, *tokenizer.encode("hello")]


def test_end_tokens_come_from_all_places():
    special = ["<|eot_id|>", "<|im_end|>", "<eos>", "<odd>", "<s>"]
    tokenizer = load(
        byte_level(special=special, eos_token_id=2, eom_token_id=3, bos_token_id=4, chat_template="{{ x }}")
    )
    assert tokenizer.rules.end == (0, 1, 2, 3)
    assert (tokenizer.rules.bos, tokenizer.rules.eos, tokenizer.rules.template) == ("<s>", "<eos>", "{{ x }}")
    assert load(sentence_piece()).rules.end == (2,)
    assert load(byte_level(merges=("< /", "</ s", "</s >"))).rules.end == ()  # an ordinary token


def test_sentence_piece():
    tokenizer = load(sentence_piece(user=["<mark>"]))
    text = [tokenizer.piece(token) for token in tokenizer.encode("hello  hello")]
    assert text == [" hello", " ", " hello"]
    mark = tokenizer.size - 1
    assert tokenizer.encode("hello<mark>hello") == [tokenizer.token("▁hello"), mark, tokenizer.token("▁hello")]
    assert tokenizer.encode("é") == [tokenizer.token("▁"), tokenizer.token("<0xC3>"), tokenizer.token("<0xA9>")]
    assert tokenizer.decode(tokenizer.encode(" hé\nllo ")) == " hé\nllo "
    assert tokenizer.encode("") == []
    assert [tokenizer.piece(token) for token in tokenizer.encode("é")] == [" ", "<0xC3>", "<0xA9>"]
    plain = load(sentence_piece(add_space_prefix=False))
    assert plain.encode("hello") == [plain.token("hello")]
    assert plain.decode(plain.encode(" hello")) == " hello"


def test_sentence_piece_without_bytes_has_an_unknown_token():
    tokens = ["<unk>", "<s>", "</s>", "▁", "a"]
    metadata = ggml(model="llama", tokens=tokens, token_type=[2, 3, 3, 1, 1], scores=[0.0, 0.0, 0.0, -1.0, -2.0])
    assert load(metadata).encode("aéèa") == [3, 4, 0, 4]


def test_the_better_score_is_merged_first():
    table = {"letters": "▁abc", "add_space_prefix": False}
    assert pieces(sentence_piece(pieces=("ab", "bc"), **table), "abc") == ["ab", "c"]
    assert pieces(sentence_piece(pieces=("bc", "ab"), **table), "abc") == ["a", "bc"]


def test_merges_go_before_scores():
    """Files made of a Hugging Face directory have its merges, and one score for all tokens."""
    table = {"pieces": ("ab", "bc"), "letters": "▁abc", "add_space_prefix": False}
    assert pieces(sentence_piece(merges=["b c", "a b"], scores=[-1000.0] * 265, **table), "abc") == ["a", "bc"]


def test_control_tokens_are_not_made_by_merges():
    tokenizer = load(sentence_piece(pieces=("<0", "x0", "A>", "<0x0", "x0A>"), letters="▁<0xA>"))
    assert tokenizer.token("<0x0A>") not in tokenizer.encode("<0x0A>")


def test_phi3_takes_the_spaces_behind_its_marks():
    metadata = sentence_piece(user=["<|end|>"])
    plain, phi3 = load(metadata), load(metadata, **{"general.architecture": "phi3"})
    end = plain.size - 1
    assert phi3.encode("<|end|>\n hello") == [end, phi3.token("▁hello")]
    assert len(plain.encode("<|end|>\n hello")) > 2
    assert phi3.encode("<s> hello") == plain.encode("<s> hello")


def test_the_description_is_the_tokenizer():
    for metadata in (byte_level(special=["<s>"], user=["<x>"]), sentence_piece(user=["<x>"])):
        tokenizer = load(metadata)
        assert Tokenizer(tokenizer.json).encode("<s>hello é <x>") == tokenizer.encode("<s>hello é <x>")


LENGTH = len(ALPHABET)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "lacks its tokens"),
        (byte_level(tokens=[]), "lacks its tokens"),
        (byte_level(tokens=np.zeros(3)), "lacks its tokens"),
        (byte_level(tokens=["a", "a"], token_type=None), "a token twice"),
        (byte_level(model="bert"), "tokenizer 'bert' is not supported"),
        (byte_level(model=None), "tokenizer None is not supported"),
        (byte_level(model=[1]), "must be a name"),
        (byte_level(pre=["smollm"]), "must be a name"),
        (byte_level() | ggml(merges=None) | {"tokenizer.ggml.merges": np.zeros(2)}, "lacks its merges"),
        (byte_level(token_type=[1]), "token_type .* one number for each of its"),
        (byte_level(token_type=[9] * (LENGTH + 4)), "token type beyond 6"),
        (byte_level(token_type=[-1] * (LENGTH + 4)), "token type beyond 6"),
        (byte_level(token_type="x"), "token_type"),
        (byte_level(bos_token_id=LENGTH + 4), "bos_token_id 260 is not one of the tokenizer's 260 tokens"),
        (byte_level(eot_token_id=-1), "eot_token_id -1"),
        (byte_level(eos_token_id="x"), "eos_token_id 'x'"),
        (byte_level(eos_token_id=True), "eos_token_id True"),
        (byte_level(add_bos_token=1), "add_bos_token .* true or false"),
        (byte_level(add_bos_token=True), "names none"),
        (byte_level(chat_template=7), "must be text"),
        (sentence_piece(scores=[0.0]), "scores .* one number for each"),
        (sentence_piece(scores=None), "lacks finite scores"),
        (sentence_piece(scores=[float("nan")] * 270), "lacks finite scores"),
        (sentence_piece(unknown_token_id=999), "unknown_token_id 999"),
        (sentence_piece(add_space_prefix="yes"), "add_space_prefix"),
    ],
)
def test_refused(metadata, message):
    with pytest.raises(InputError, match=rf"^x\.gguf: .*{message}"):
        load(metadata)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=6),
    st.lists(st.integers(-1, 7), max_size=270).map(lambda values: np.array(values, np.int32)),
    st.lists(st.floats(width=32), max_size=270).map(lambda values: np.array(values, np.float32)),
)
KEYS = [*byte_level(), *sentence_piece(), "tokenizer.ggml.bos_token_id", "tokenizer.ggml.add_bos_token",
        "tokenizer.ggml.eos_token_id", "tokenizer.chat_template", "general.architecture"]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_odd_tables_are_refused_or_work(data):
    metadata = dict(data.draw(st.sampled_from([byte_level(special=["<s>"]), sentence_piece()])))
    for key in data.draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3)):
        value = metadata.get(key)
        if isinstance(value, list) and value and data.draw(st.booleans()):
            value = list(value)
            value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.text(max_size=6))
        elif isinstance(value, np.ndarray) and value.size and data.draw(st.booleans()):
            value = value.copy()
            value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(-2, 8))
        else:
            value = data.draw(ODD)
        metadata[key] = value
    try:
        tokenizer = load(metadata)
        tokens = tokenizer.prompt("hello é <s>\n  hello")
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 1000
        return
    assert all(0 <= token < tokenizer.size for token in [*tokens, *tokenizer.rules.end])
    for token in tokens:
        assert isinstance(tokenizer.piece(token), str)
