import json

import pytest
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, processors

from golden.errors import InputError
from golden.llm.models.hf_tokenizer import hf_tokenizer

SPECIAL = ["<s>", "</s>", "<|im_end|>"]


def description(begins=False):
    """The object of a tokenizer.json: three special tokens, then all bytes."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    model = models.BPE(vocab={token: number for number, token in enumerate([*SPECIAL, *letters])}, merges=[])
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    if begins:
        single = "<s> $A </s>"
        tokenizer.post_processor = processors.TemplateProcessing(single, special_tokens=[("<s>", 0), ("</s>", 1)])
    return json.loads(tokenizer.to_str())


def write(directory, tokenizer=None, **files):
    """The directory with its JSON files; ``files`` are named without .json."""
    for name, values in ({"tokenizer": description() if tokenizer is None else tokenizer} | files).items():
        (directory / f"{name}.json").write_text(values if isinstance(values, str) else json.dumps(values))
    return directory


def test_text_and_special_tokens(tmp_path):
    tokenizer = hf_tokenizer(write(tmp_path))
    assert tokenizer.size == 259
    assert tokenizer.decode(tokenizer.encode("héllo<|im_end|>")) == "héllo<|im_end|>"
    assert tokenizer.encode("<|im_end|>") == [2] and tokenizer.rules.before == () and tokenizer.rules.end == ()


@pytest.mark.parametrize(
    ("begins", "config", "before"),
    [
        (False, {}, ()),
        (True, {}, (0,)),
        (True, {"add_bos_token": False, "bos_token": "<s>"}, ()),
        (False, {"add_bos_token": True, "bos_token": {"content": "<s>", "lstrip": False}}, (0,)),
        (True, {"add_bos_token": None}, (0,)),
        (True, {"add_eos_token": True, "bos_token": "<s>", "add_bos_token": True}, (0,)),
    ],
)
def test_bos(tmp_path, begins, config, before):
    tokenizer = hf_tokenizer(write(tmp_path, description(begins), tokenizer_config=config))
    assert tokenizer.rules.before == before
    assert tokenizer.prompt("a") == [*before, *tokenizer.encode("a")]
    assert len(tokenizer.encode("a")) == 1  # nothing before it, no EOS behind it


BYTE_LEVEL = {"type": "ByteLevel", "trim_offsets": True, "use_regex": True}
METASPACE = {"type": "Metaspace", "replacement": "▁", "split": True}
PREFIXES = [
    ({"pre_tokenizer": BYTE_LEVEL | {"add_prefix_space": False}}, False),
    ({"pre_tokenizer": BYTE_LEVEL | {"add_prefix_space": True}}, True),
    (
        {
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Digits", "individual_digits": True},
                    BYTE_LEVEL | {"add_prefix_space": True},
                ],
            }
        },
        True,
    ),
    ({"pre_tokenizer": METASPACE | {"prepend_scheme": "first"}}, True),
    ({"pre_tokenizer": METASPACE | {"prepend_scheme": "never"}}, False),
    ({"pre_tokenizer": None, "normalizer": {"type": "Prepend", "prepend": "▁"}}, True),
    (
        {
            "pre_tokenizer": None,
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}]},
        },
        True,
    ),
    ({"pre_tokenizer": None}, False),
]


@pytest.mark.parametrize(("parts", "prefixes"), PREFIXES)
def test_add_prefix_space_must_agree(tmp_path, parts, prefixes):
    for flag in ({}, {"add_prefix_space": None}, {"add_prefix_space": prefixes}):
        hf_tokenizer(write(tmp_path, changed(**parts), tokenizer_config=flag))
    said = ("true", "no") if not prefixes else ("false", "a")
    message = "tokenizer_config.json: add_prefix_space is {}, but tokenizer.json puts {} space before a text; the two"
    with pytest.raises(InputError, match=message.format(*said)):
        hf_tokenizer(write(tmp_path, changed(**parts), tokenizer_config={"add_prefix_space": not prefixes}))


def test_end_tokens_come_from_all_places(tmp_path):
    files = {"generation_config": {"eos_token_id": [2, 5]}, "config": {"eos_token_id": 6}}
    tokenizer = hf_tokenizer(write(tmp_path, tokenizer_config={"eos_token": "</s>", "bos_token": "<s>"}, **files))
    assert tokenizer.rules.end == (1, 2, 5, 6)
    assert (tokenizer.rules.bos, tokenizer.rules.eos) == ("<s>", "</s>")


def test_special_tokens_map(tmp_path):
    tokenizer = hf_tokenizer(write(tmp_path, special_tokens_map={"eos_token": {"content": "</s>"}, "bos_token": "<s>"}))
    assert (tokenizer.rules.bos, tokenizer.rules.eos, tokenizer.rules.end) == ("<s>", "</s>", (1,))


def test_templates(tmp_path):
    assert hf_tokenizer(write(tmp_path)).rules.template is None
    assert hf_tokenizer(write(tmp_path, tokenizer_config={"chat_template": "one"})).rules.template == "one"
    named = [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "two"}]
    assert hf_tokenizer(write(tmp_path, tokenizer_config={"chat_template": named})).rules.template == "two"
    assert hf_tokenizer(write(tmp_path, tokenizer_config={"chat_template": named[:1]})).rules.template is None
    (tmp_path / "chat_template.jinja").write_text("three\n")
    assert hf_tokenizer(tmp_path).rules.template == "three\n"


def test_nothing_cuts_pads_or_draws(tmp_path):
    values = description()
    values["truncation"] = {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0}
    values["padding"] = {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                         "pad_type_id": 0, "pad_token": "<s>"}  # fmt: skip
    values["model"]["dropout"] = 0.9
    values["model"]["vocab"] |= {"ab": 259, "abab": 260}
    values["model"]["merges"] = [["a", "b"], ["ab", "ab"]]
    tokenizer = hf_tokenizer(write(tmp_path, values))
    assert all(tokenizer.encode("abab" * 5) == tokenizer.encode("abab" * 5) for _ in range(20))
    assert len(tokenizer.encode("abab" * 5)) == 5 and len(tokenizer.encode("c")) == 1


def test_flags_of_added_tokens_hold(tmp_path):
    values = description()
    values["added_tokens"][2] |= {"lstrip": True, "rstrip": True}
    assert hf_tokenizer(write(tmp_path, values)).encode("  <|im_end|> \n") == [2]


def test_tokens_that_only_the_configuration_has(tmp_path):
    entries = {"2": {"content": "<|im_end|>"}, "260": {"content": "<b>"}, "259": {"content": "<a>", "rstrip": True}}
    tokenizer = hf_tokenizer(write(tmp_path, tokenizer_config={"added_tokens_decoder": entries}))
    assert tokenizer.encode("<a>  <b>") == [259, 260] and tokenizer.size == 261


def changed(**changes):
    return description() | changes


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"tokenizer": "{"}, r"tokenizer\.json: not JSON"),
        ({"tokenizer": "[" * 100000}, r"tokenizer\.json: not JSON"),
        ({"tokenizer": "[]"}, r"tokenizer\.json: not a JSON object"),
        ({"tokenizer": json.dumps(description())[:-9]}, r"tokenizer\.json: not JSON"),
        ({"tokenizer": {}}, r"tokenizer\.json: tokenizer: unusable"),
        ({"tokenizer": changed(model=None)}, r"tokenizer\.json: tokenizer: unusable"),
        ({"tokenizer": changed(model={"type": "BPE", "vocab": {"a": -1}, "merges": []})}, "unusable"),
        ({"tokenizer": changed(model={"type": "BPE", "vocab": {"a": 0}, "merges": [["a", "b"]]})}, "unusable"),
        ({"tokenizer": changed(added_tokens=7)}, "added_tokens must be a list"),
        ({"tokenizer": changed(added_tokens=[{"id": 0}])}, "unusable"),
        ({"tokenizer": changed(added_tokens=[{"id": [1], "content": "<x>"}])}, "unusable"),
        ({"tokenizer_config": '"\ud800"'.encode("utf-16", "surrogatepass").decode("latin-1")}, "not JSON"),
        ({"tokenizer_config": "[1]"}, r"tokenizer_config\.json: not a JSON object"),
        ({"tokenizer_config": {"bos_token": 7}}, "bos_token must be the text"),
        ({"tokenizer_config": {"add_bos_token": 1}}, "add_bos_token must be true or false"),
        ({"tokenizer_config": {"add_bos_token": True}}, "add_bos_token without a bos_token"),
        ({"tokenizer_config": {"add_bos_token": True, "bos_token": "<nope>"}}, "without a bos_token"),
        ({"tokenizer_config": {"chat_template": 7}}, "chat_template must be"),
        (
            {"tokenizer_config": {"chat_template": [{"name": "default"}, {"name": "default", "template": 7}][1:]}},
            "must be",
        ),
        ({"tokenizer_config": {"added_tokens_decoder": []}}, "must be an object"),
        ({"tokenizer_config": {"added_tokens_decoder": {"x": {}}}}, "'x' is not a token"),
        ({"tokenizer_config": {"added_tokens_decoder": {"300": {"content": "<a>"}}}}, "cannot have the number 300"),
        ({"config": {"eos_token_id": 259}}, r"config\.json: eos_token_id 259 is not one of the tokenizer's 259 tokens"),
        ({"generation_config": {"eos_token_id": [1, "x"]}}, r"generation_config\.json: eos_token_id 'x'"),
    ],
)
def test_refused(tmp_path, files, message):
    with pytest.raises(InputError, match=message) as error:
        hf_tokenizer(write(tmp_path, **files))
    assert str(tmp_path) in str(error.value) and "\n" not in str(error.value)


ELSEWHERE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [99999], "tokens": ["<s>"]}},
}


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("normalizer", {"type": "Precompiled", "precompiled_charsmap": "AAAA"}, "unusable"),
        ("pre_tokenizer", {"type": "FixedLength", "length": 0}, "unusable"),
        ("post_processor", ELSEWHERE, "does not have"),
    ],
)
def test_what_the_library_panics_at(tmp_path, part, value, message):
    with pytest.raises(InputError, match=rf"tokenizer\.json: .*{message}"):
        hf_tokenizer(write(tmp_path, changed(**{part: value})))


def test_texts_that_a_description_cannot_take(tmp_path):
    slow = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": False}
    strip = {"type": "Strip", "content": "a", "start": 9, "stop": 9}
    tokenizer = hf_tokenizer(write(tmp_path, changed(pre_tokenizer=slow, decoder=strip)))
    with pytest.raises(InputError, match="unusable"):
        tokenizer.encode("a" * 40 + "b")
    with pytest.raises(InputError, match="unusable"):
        tokenizer.decode(tokenizer.encode("a"))


def test_missing(tmp_path):
    with pytest.raises(InputError, match=r"tokenizer\.json: no such file"):
        hf_tokenizer(tmp_path)


def places(value, path=()):
    """The paths of everything inside a JSON value; of the vocabulary a few entries."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(inside)[:8]:
        yield (*path, key)
        yield from places(item, (*path, key))


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_odd_values_are_refused_or_work(tmp_path, data):
    values = {
        "tokenizer": description(begins=True),
        "tokenizer_config": {"bos_token": "<s>", "eos_token": {"content": "</s>"}, "chat_template": "x",
                             "add_bos_token": True, "added_tokens_decoder": {"2": {"content": "<|im_end|>"}}},
        "generation_config": {"eos_token_id": [2, 1]},
    }  # fmt: skip
    odd = st.sampled_from([None, True, 0, -1, 7, 1 << 40, 0.5, "", "x", "\ud800", [], {}, ["a"], [["a", "b"]]])
    for place in data.draw(st.lists(st.sampled_from(list(places(values))[3:]), min_size=1, max_size=3)):
        inner = values
        for key in place[:-1]:
            inner = inner[key] if isinstance(inner, dict) and key in inner else None
        if isinstance(inner, dict):
            inner[place[-1]] = data.draw(odd)
    for name, value in values.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    try:
        tokenizer = hf_tokenizer(tmp_path)
        tokens = tokenizer.prompt("hé <s>\n  x")
    except InputError as error:
        assert "\n" not in str(error) and len(str(error)) < 1000
        return
    assert all(0 <= token < tokenizer.size for token in [*tokens, *tokenizer.rules.end])
    for token in tokens:
        assert isinstance(tokenizer.piece(token), str)
