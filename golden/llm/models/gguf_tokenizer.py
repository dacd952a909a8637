"""The tokenizer in the metadata of a GGUF file."""

import math

import numpy as np
import tokenizers
from tokenizers import AddedToken, decoders, models, normalizers

from golden.errors import InputError
from golden.llm.models.pre_tokenizers import RULES
from golden.llm.models.tokenizer import TextRules, Tokenizer

_UNKNOWN, _CONTROL, _USER_DEFINED, _BYTE = 2, 3, 4, 6
_TYPES = range(7)
_BYTE_NAMES = [f"<0x{value:02X}>" for value in range(256)]
_END_KEYS = ("eos_token_id", "eot_token_id", "eom_token_id")
_END_TEXTS = frozenset(
    (
        "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
        "</s>", "<EOT>", "<end_of_utterance>", "<｜end▁of▁sentence｜>",
    )
)  # fmt: skip
_UNSTRIPPED = ("<unk>", "<s>", "<|endoftext|>")  # of Phi-3; its other special tokens take the spaces behind them


def gguf_tokenizer(path, metadata):
    """The Tokenizer, with its TextRules, that ``metadata`` (GgufFile.metadata of the file ``path``) describe.

    Byte-level BPE (``tokenizer.ggml.model`` gpt2) needs a pre-tokeniser of RULES; SentencePiece's BPE is called llama.
    Control and user-defined tokens are taken where text spells them. What ends a text are the tokens that the file
    names for it, and control tokens with the usual spellings. Whether BOS comes before a prompt, the file says, else
    the kind of tokenizer. EOS is never put behind a prompt, even where the file wants it: what a model continues must
    not have ended. Raises InputError, naming the file, for anything else and for tables that do not fit each other.
    """
    try:
        return _Description(metadata).tokenizer()
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


class _Description:
    """The tables of ``tokenizer.ggml.*``, checked as they are read."""

    def __init__(self, metadata):
        self._metadata = metadata
        self.tokens = self._get("tokens")
        if not _texts(self.tokens) or not self.tokens:
            raise InputError("the tokenizer lacks its tokens")
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        if len(self.ids) != len(self.tokens):
            raise InputError("the tokenizer has a token twice")
        self.types = self._numbers("token_type", "iu")
        if self.types and not set(self.types) <= set(_TYPES):
            raise InputError(f"the tokenizer has a token type beyond {_TYPES[-1]}")
        self.types = self.types or [1] * len(self.tokens)

    def tokenizer(self):
        kind = self._name("model")
        if kind == "gpt2":
            rule = self._rule()
            return self._finish(self._byte_level(rule), begins=rule.begins)
        if kind == "llama":
            return self._finish(self._sentence_piece(), begins=True, bos=1, eos=2)
        raise InputError(f"tokenizer {_shown(kind)} is not supported (gpt2 and llama are)")

    def _get(self, key, default=None):
        return self._metadata.get(f"tokenizer.ggml.{key}", default)

    def _numbers(self, key, kinds):
        """The list of one number for every token, [] where the file has none; ``kinds`` of numpy's types."""
        values = self._get(key)
        if values is None:
            return []
        if not isinstance(values, np.ndarray) or values.dtype.kind not in kinds or len(values) != len(self.tokens):
            raise InputError(f"{key} of the tokenizer must be one number for each of its {len(self.tokens)} tokens")
        return values.tolist()

    def _token(self, key, default=None):
        """The token number ``key``, ``default`` where the file has none; None if that is no token."""
        value = self._get(key)
        if value is None:
            return default if default is not None and default < len(self.tokens) else None
        if type(value) is not int or not 0 <= value < len(self.tokens):
            raise InputError(f"{key} {_shown(value)} is not one of the tokenizer's {len(self.tokens)} tokens")
        return value

    def _flag(self, key, default):
        value = self._get(key, default)
        if type(value) is not bool:
            raise InputError(f"{key} of the tokenizer must be true or false, not {_shown(value)}")
        return value

    def _name(self, key):
        value = self._get(key)
        if not isinstance(value, str | None):
            raise InputError(f"{key} of the tokenizer must be a name, not {_shown(value)}")
        return value

    def _template(self):
        value = self._metadata.get("tokenizer.chat_template")
        if not isinstance(value, str | None):
            raise InputError("the chat template must be text")
        return value

    def _rule(self):
        name = self._name("pre")
        if name not in RULES:
            raise InputError(f"pre-tokeniser {_shown(name)} is not supported ({', '.join(sorted(RULES))} are)")
        return RULES[name]

    def _merges(self):
        """The pairs of tokens in the file's merges."""
        merges = self._get("merges")
        if not _texts(merges):
            raise InputError("the tokenizer lacks its merges")
        pairs = []
        for merge in merges:
            left, _, right = merge.partition(" ")
            if left not in self.ids or right not in self.ids or left + right not in self.ids:
                raise InputError(f"the tokenizer has the merge {_shown(merge)}, not of two tokens that make one")
            pairs.append((left, right))
        return pairs

    def _byte_level(self, rule):
        model = models.BPE(vocab=self.ids, merges=self._merges(), ignore_merges=rule.whole)
        tokenizer = tokenizers.Tokenizer(model)
        if rule.normalizer is not None:
            tokenizer.normalizer = rule.normalizer
        tokenizer.pre_tokenizer = rule.pre_tokenizer
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer

    def _sentence_piece(self):
        unknown = self._token("unknown_token_id", 0)
        model = models.BPE(
            vocab=self.ids,
            merges=self._scored_merges() if self._get("merges") is None else self._merges(),
            unk_token=self.tokens[unknown],
            fuse_unk=True,
            byte_fallback=all(name in self.ids for name in _BYTE_NAMES),
        )
        tokenizer = tokenizers.Tokenizer(model)
        prefix = self._flag("add_space_prefix", True)
        space = [normalizers.Prepend("▁")] if prefix else []
        tokenizer.normalizer = normalizers.Sequence([*space, normalizers.Replace(" ", "▁")])
        strip = [decoders.Strip(" ", 1, 0)] if prefix else []
        tokenizer.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), *strip]
        )
        return tokenizer

    def _scored_merges(self):
        """Every way to make a token of two, the best score first: SentencePiece merges whatever makes a token.

        Training gives every token a score of its own. Tokens of equal scores are merged in the order of their numbers,
        not from left to right, which the `tokenizers` library cannot.
        """
        scores = self._numbers("scores", "f")
        if not scores or not all(math.isfinite(score) for score in scores):
            raise InputError("the tokenizer lacks finite scores of its tokens")
        pieces = {
            token: (-score, index)
            for index, (token, kind, score) in enumerate(zip(self.tokens, self.types, scores, strict=True))
            if kind not in (_UNKNOWN, _CONTROL, _BYTE)
        }
        found = [
            (order, cut, (token[:cut], token[cut:]))
            for token, order in pieces.items()
            for cut in range(1, len(token))
            if token[:cut] in pieces and token[cut:] in pieces
        ]
        return [pair for _, _, pair in sorted(found)]

    def _finish(self, tokenizer, begins, bos=None, eos=None):
        """The Tokenizer with its special tokens and rules; ``begins``, ``bos``, ``eos``: what holds if the file says
        nothing."""
        stripping = self._name("model") == "llama" and str(self._metadata.get("general.architecture")) == "phi3"
        added = [
            AddedToken(
                token,
                special=kind != _USER_DEFINED,
                normalized=False,
                rstrip=stripping and token not in _UNSTRIPPED,
            )
            for token, kind in zip(self.tokens, self.types, strict=True)
            if token and kind in (_UNKNOWN, _CONTROL, _USER_DEFINED)
        ]
        tokenizer.add_tokens(added)
        bos, eos = self._token("bos_token_id", bos), self._token("eos_token_id", eos)
        if self._flag("add_bos_token", begins) and bos is None and "tokenizer.ggml.add_bos_token" in self._metadata:
            raise InputError("the tokenizer wants a BOS token before every prompt (add_bos_token) and names none")
        before = (bos,) if bos is not None and self._flag("add_bos_token", begins) else ()
        ends = {self.ids[token.content] for token in added if token.content in _END_TEXTS}
        ends |= {eos, *(self._token(key) for key in _END_KEYS)} - {None}
        rules = TextRules(
            before=before,
            end=tuple(sorted(ends)),
            template=self._template(),
            bos="" if bos is None else self.tokens[bos],
            eos="" if eos is None else self.tokens[eos],
        )
        return Tokenizer.build(tokenizer, rules)


def _shown(value):
    """What a message shows of a value that may be anything."""
    return " ".join(repr(value).split())[:60]


def _texts(values):
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
