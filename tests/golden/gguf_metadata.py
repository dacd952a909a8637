"""Metadata of small tokenizers, as GgufFile gives those of a file."""

import numpy as np
from tokenizers import pre_tokenizers

ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())


def ggml(**values):
    """``{"tokenizer.ggml.KEY": value}`` of what is not None; lists of numbers become arrays, as in a file.

    ``chat_template`` is the one key of another name.
    """
    arrays = {"token_type": np.int32, "scores": np.float32}
    found = {}
    for key, value in values.items():
        if value is not None:
            name = "tokenizer.chat_template" if key == "chat_template" else f"tokenizer.ggml.{key}"
            found[name] = np.array(value, arrays[key]) if key in arrays and isinstance(value, list) else value
    return found


def byte_level(merges=("h e", "l l", "he ll", "hell o"), special=(), user=(), pre="gpt-2", **others):
    """Byte-level BPE: special tokens first, then all bytes, what ``merges`` make, and user-defined tokens."""
    made = [merge.replace(" ", "") for merge in merges]
    tokens = [*special, *ALPHABET, *made, *user]
    types = [3] * len(special) + [1] * (len(ALPHABET) + len(made)) + [4] * len(user)
    table = {"model": "gpt2", "pre": pre, "tokens": tokens, "merges": list(merges), "token_type": types}
    return ggml(**table | others)


def sentence_piece(pieces=("he", "ll", "hell", "hello", "▁hello", "▁▁"), letters="▁helo", user=(), **others):
    """SentencePiece's BPE: <unk>, <s>, </s>, all bytes, ``pieces`` from the best to the worst, ``letters``."""
    names = [f"<0x{value:02X}>" for value in range(256)]
    tokens = ["<unk>", "<s>", "</s>", *names, *pieces, *letters, *user]
    types = [2, 3, 3, *[6] * 256, *[1] * (len(pieces) + len(letters)), *[4] * len(user)]
    scores = [0.0] * 259 + [-float(place) for place in range(len(pieces) + len(letters) + len(user))]
    return ggml(**{"model": "llama", "tokens": tokens, "token_type": types, "scores": scores} | others)
