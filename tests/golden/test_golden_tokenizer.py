import pytest

from golden.errors import InputError
from golden.llm.models.tokenizer import Tokenizer


def test_glassllm_round_trip(glassllm):
    tokenizer = glassllm.tokenizer
    for text in ("“Oh!” said the Queen.", " leading", "two  spaces \n and lines\n", ""):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.size == 1024
    assert Tokenizer(tokenizer.json).encode("Alice") == tokenizer.encode("Alice")


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "{}", '{"model": {"type": "BPE"}}', "[" * 100000])
def test_unusable_descriptions(text):
    with pytest.raises(InputError, match="tokenizer: unusable") as error:
        Tokenizer(text)
    assert "\n" not in str(error.value)
