"""How byte-level BPE cuts text before it merges: a rule for every name in ``tokenizer.ggml.pre`` that our families use.

The names are those that llama.cpp's converter writes; the expressions are those of the models' own tokenizers, as
Oniguruma of the `tokenizers` library takes them.
"""

from dataclasses import dataclass

from tokenizers import Regex, normalizers, pre_tokenizers

_CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_LETTERS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_MARKS = r" ?[^\s\p{L}\p{N}]+"
_SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_CAPITALISED = rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+", rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*"
_CASED = (
    "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373"
    "\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
    "\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-"
    "\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec"
    "\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-"
    "\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3"
    "\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17"
    "\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-"
    "\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943"
)
_EAST_ASIAN = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
_ASCII_MARKS = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"""


@dataclass(frozen=True)
class Rule:
    """A way to cut text: expressions ``cuts``, each applied to what the one before left whole; matches and what lies
    between them become pieces. ``digits``: first, every digit is a piece. ``gpt2``: at last, GPT-2's own expression.

    ``whole``: a piece that is a token stays whole, whatever the merges say. ``begins``: a prompt begins with BOS unless
    the file says otherwise. ``composed``: text is brought into Unicode's form NFC first.
    """

    cuts: tuple = ()
    digits: bool = False
    gpt2: bool = False
    whole: bool = False
    begins: bool = False
    composed: bool = False

    @property
    def normalizer(self):
        """The `tokenizers` normaliser, or None."""
        return normalizers.NFC() if self.composed else None

    @property
    def pre_tokenizer(self):
        """The `tokenizers` pre-tokeniser: the cuts, then bytes as characters."""
        return pre_tokenizers.Sequence(
            [
                *([pre_tokenizers.Digits(individual_digits=True)] if self.digits else []),
                *(pre_tokenizers.Split(Regex(cut), "isolated") for cut in self.cuts),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=self.gpt2),
            ]
        )


def _words(number, **flags):
    """The expression of OpenAI's cl100k with ``number`` for numbers."""
    return Rule((rf"{_CONTRACTIONS}|{_LETTERS}|{number}|{_MARKS}[\r\n]*|{_SPACES}",), **flags)


_GPT2 = Rule(gpt2=True)
_SINGLE_DIGITS = Rule(digits=True, gpt2=True)
_LLAMA3 = _words(r"\p{N}{1,3}", whole=True, begins=True)
_CL100K = _words(r"\p{N}{1,3}")
_QWEN2 = _words(r"\p{N}", composed=True)
_SINGLE_NUMBERS = _words(r"\p{N}")
_TEKKEN = Rule((rf"{'|'.join(_CAPITALISED)}|\p{{N}}|{_MARKS}[\r\n/]*|{_SPACES}",), whole=True, begins=True)
_GPT4O = Rule(
    (rf"{'|'.join(f'{word}{_CONTRACTIONS}?' for word in _CAPITALISED)}|\p{{N}}{{1,3}}|{_MARKS}[\r\n/]*|{_SPACES}",)
)
_SEED = Rule((rf"{_CONTRACTIONS}|{_LETTERS}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}\r\n]+|{_SPACES}",))
_DEEPSEEK_LLM = Rule(
    (
        "[\r\n]",
        rf"\s?[{_CASED}]+",
        "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
        r"\s+$",
        _EAST_ASIAN,
    ),
    digits=True,
)
_DEEPSEEK_CODER = Rule(("[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", _EAST_ASIAN), digits=True)
_DEEPSEEK_V3 = Rule(
    (
        r"\p{N}{1,3}",
        "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
        rf"{_ASCII_MARKS}[A-Za-z]+|[^\r\n\p{{L}}\p{{P}}\p{{S}}]?[\p{{L}}\p{{M}}]+| ?[\p{{P}}\p{{S}}]+[\r\n]*|{_SPACES}",
    )
)

RULES = {
    name: rule
    for rule, names in (
        (
            _GPT2,
            "gpt-2 phi-2 mpt olmo jais trillion granite-docling exaone4 gigachat a.x-4.0 mellum modern-bert"
            " jina-es jina-de jina-v2-es jina-v2-de",
        ),
        (_SINGLE_DIGITS, "smollm refact starcoder command-r codeshell exaone minerva-7b mellum2"),
        (_LLAMA3, "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano"),
        (_CL100K, "smaug-bpe dbrx glm4 chatglm-bpe"),
        (_QWEN2, "qwen2 deepseek-r1-qwen kormo f2llmv2 megrez"),
        (_SINGLE_NUMBERS, "stablelm2 hunyuan solar-open grok-2"),
        (_TEKKEN, "tekken"),
        (_GPT4O, "gpt-4o llama4 kanana2 talkie minimax-m2"),
        (_SEED, "seed-coder"),
        (_DEEPSEEK_LLM, "deepseek-llm"),
        (_DEEPSEEK_CODER, "deepseek-coder"),
        (_DEEPSEEK_V3, "deepseek-v3 hunyuan-dense joyai-llm"),
    )
    for name in names.split()
}
"""The rule of every known name; smaug-bpe is SmolLM3's, dbrx Granite 4's and Phi-4's, refact Granite 3's."""
