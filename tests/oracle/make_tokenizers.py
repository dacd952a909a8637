"""Writes tokenizers.json.gz: small tokenizers of every family, and what others make of texts with them.

Those are `transformers` and `sentencepiece`, which it needs. How a family cuts text comes from `transformers` or is
spelled here as the family's tokenizer.json has it, apart from golden/llm/models/pre_tokenizers.py.
"""

import gzip
import io
import json
import random
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.integrations.gguf.gguf_tokenizer_mapping import GGUF_PRE_TOKENIZER_SPLITS

OUTPUT = Path(__file__).parent / "tokenizers.json.gz"
CONTENT = """
    the quick Brown fox don't I'LL we've It'S HELLO naïve façade Straße ÉCOLE Ωmega Привет мир
    שלום नमस्ते สวัสดี 日本語 テキスト ひらがな 한국어 中文字符 Việt CamelCase HTTPServer x86_64 3.14159
    1,000,000 2024-01-02 ²³ ½ Ⅷ ٣٤ १२ foo() bar[i]++; // == <= --> {}{} $100 50% a@b.c
    https://x.y/z?q=1 ... ?!! —– “quoted” «g» e\u0301 a\u030a\u0323 ﬁ ǅ ʰ ª 🎉 👩‍👩‍👧 👍🏽 🇩🇪 ❤️ 𝄞
    𝟘𝟙
"""
WORDS = CONTENT.split()
SPACES = [" ", "  ", "    ", " " * 9, "\t", "\n", "\n\n", "\r\n", " \n", "\n ", "\r", *"\u00a0\u3000\u2028\u200b"]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def texts(count, seed, special=()):
    """``count`` texts of words, spaces, numbers, code and characters from all over Unicode."""
    draw = random.Random(seed)

    def character():
        point = draw.choice([draw.randrange(32, 592), draw.randrange(592, 0xD800), draw.randrange(0xE000, 0x20000)])
        return chr(point)

    kinds = [
        lambda: draw.choice(WORDS) + draw.choice(["", " ", " "]),
        lambda: draw.choice(WORDS) + " ",
        lambda: draw.choice(SPACES),
        lambda: str(draw.randrange(10 ** draw.randrange(1, 12))),
        lambda: "".join(character() for _ in range(draw.randrange(1, 5))),
        lambda: "".join(chr(draw.randrange(32, 127)) for _ in range(draw.randrange(1, 8))),
        lambda: draw.choice("=-_*a '/") * draw.randrange(1, 20),
        lambda: unicodedata.normalize(draw.choice(["NFC", "NFD", "NFKD"]), draw.choice(WORDS)),
        lambda: draw.choice([*special, " "]),
    ]
    return [
        "",
        " ",
        "  a",
        *("".join(draw.choice(kinds)() for _ in range(draw.randrange(1, 14))) for _ in range(count - 3)),
    ]


def cuts(*expressions):
    return [pre_tokenizers.Split(Regex(expression), "isolated") for expression in expressions]


BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
GPT2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
SPLITS = GGUF_PRE_TOKENIZER_SPLITS
EAST_ASIAN = "[一-龥ࠀ-一가-퟿]+"
FAMILIES = {
    "gpt-2": [GPT2],
    "smollm": [pre_tokenizers.Digits(individual_digits=True), GPT2],
    "refact": [pre_tokenizers.Digits(individual_digits=True), GPT2],
    "deepseek-coder": [
        *cuts("[\r\n]", "\\s?\\p{L}+", "\\s?\\p{P}+", EAST_ASIAN),
        pre_tokenizers.Digits(individual_digits=True),
        BYTES,
    ],
} | {name: [*cuts(SPLITS[name]), BYTES] for name in ("llama-bpe", "smaug-bpe", "qwen2", "tekken", "gpt-4o")}
"""The pre-tokenisers of a family's tokenizer.json."""


def byte_level(name, corpus, shown):
    """A trained tokenizer in a directory, as `transformers` saves it, and the ids that it gives there."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=name in ("llama-bpe", "tekken")))
    if name == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(FAMILIES[name])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        corpus,
        trainers.BpeTrainer(vocab_size=480, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    return recorded(transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer), shown)


def recorded(tokenizer, shown):
    with tempfile.TemporaryDirectory() as directory:
        tokenizer.save_pretrained(directory)
        loaded = transformers.AutoTokenizer.from_pretrained(directory)
        ids = [loaded.encode(text, add_special_tokens=False) for text in shown]
        return {"tokenizer": json.loads((Path(directory) / "tokenizer.json").read_text()), "ids": ids}


def sentence_piece(corpus, shown):
    """The tables of a trained SentencePiece model as GGUF has them, and the ids that `sentencepiece` gives."""
    corpus = [text for text in corpus if max(text, default=" ") < "\u024f"]  # the other characters fall back to bytes
    output = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=output, model_type="bpe", vocab_size=700, byte_fallback=True,
        normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True,
        character_coverage=0.98, hard_vocab_limit=False, split_digits=True, minloglevel=3,
    )  # fmt: skip
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(output.getvalue())
    model = sentencepiece.SentencePieceProcessor(model_proto=output.getvalue())
    return {
        "tokens": [piece.piece for piece in proto.pieces],
        "scores": [piece.score for piece in proto.pieces],
        "types": [piece.type for piece in proto.pieces],
        "ids": [model.encode(text) for text in shown],
        "decoded": [model.decode(model.encode(text)) for text in shown],
    }


def make(count):
    corpus, shown = texts(1500, 1), texts(count, 2, SPECIAL)
    plain = texts(count, 3)
    return {
        "texts": shown,
        "byte_level": {name: byte_level(name, corpus, shown) for name in FAMILIES},
        "plain": plain,
        "sentence_piece": sentence_piece(corpus, plain),
    }


if __name__ == "__main__":
    OUTPUT.write_bytes(
        gzip.compress(json.dumps(make(160), ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)
    )
    print(f"{OUTPUT}: {OUTPUT.stat().st_size:,} bytes")
