"""The tokenizer in a directory of the Hugging Face layout."""

import json
import os
import re

from golden.errors import InputError
from golden.llm.models.tokenizer import TextRules, Tokenizer

_LARGEST = 1 << 27
_HALVES = re.compile("[\ud800-\udfff]")
_FLAGS = ("single_word", "lstrip", "rstrip", "normalized", "special")


def hf_tokenizer(directory):
    """The Tokenizer, with its TextRules, of the model in ``directory``.

    ``tokenizer.json`` is taken as it is, but for what cuts or pads text or makes tokens random; tokens that only
    ``tokenizer_config.json`` has are added. The post-processor says which tokens come before a prompt, unless
    ``tokenizer_config.json`` has ``add_bos_token``; tokens behind a prompt are left out, since what a model continues
    must not have ended. An ``add_prefix_space`` that contradicts ``tokenizer.json`` is refused, since programs disagree
    on which counts. What ends a text are the tokens that ``generation_config.json``, ``config.json`` and
    ``tokenizer_config.json`` name. Raises InputError, naming the file, for what is missing, malformed or does not fit.
    """
    directory = os.fspath(directory)
    config = _File(directory, "tokenizer_config.json")
    description = _File(directory, "tokenizer.json")
    tokenizer = _tokenizer(description, config)
    wanted, found = config.flag("add_prefix_space"), _prefixes(description.values)
    if wanted not in (None, found):
        raise config.error(
            f"add_prefix_space is {str(wanted).lower()}, but tokenizer.json puts {'a' if found else 'no'} space before "
            "a text; the two must agree"
        )
    names = _File(directory, "special_tokens_map.json")
    bos, eos = (config.special(key) or names.special(key) for key in ("bos_token", "eos_token"))
    end = {tokenizer.token(eos)} - {None}
    for name in ("generation_config.json", "config.json"):
        end |= _File(directory, name).tokens("eos_token_id", tokenizer.size)
    rules = TextRules(
        before=_before(tokenizer, config, bos),
        end=tuple(sorted(end)),
        template=_template(os.path.join(directory, "chat_template.jinja")) or config.template(),
        bos=bos,
        eos=eos,
    )
    return tokenizer.with_rules(rules)


class _File:
    """The object in a JSON file; without fields where there is no such file. Every value is checked when it is asked
    for."""

    def __init__(self, directory, name):
        self.path = os.path.join(directory, name)
        self.exists = os.path.exists(self.path)
        self.values = {}
        if not self.exists:
            return
        try:
            self.values = json.loads(_read(self.path))
        except (ValueError, RecursionError) as error:
            if isinstance(error, InputError):
                raise
            raise self.error("not JSON (is it cut?)") from None
        if not isinstance(self.values, dict):
            raise self.error("not a JSON object")

    def error(self, message):
        return InputError(f"{self.path}: {message}")

    def special(self, key):
        """The text of a special token, written as text or as an object with ``content``; "" where there is none."""
        value = self.values.get(key)
        text = value.get("content") if isinstance(value, dict) else value
        if text is not None and not _is_text(text):
            raise self.error(f"{key} must be the text of a token")
        return text or ""

    def tokens(self, key, size):
        """The set of the tokens that ``key`` names, one or a list, of ``size``."""
        value = self.values.get(key)
        ids = value if isinstance(value, list) else [] if value is None else [value]
        for token in ids:
            if type(token) is not int or not 0 <= token < size:
                raise self.error(f"{key} {token!r} is not one of the tokenizer's {size} tokens")
        return set(ids)

    def flag(self, key):
        value = self.values.get(key)
        if not isinstance(value, bool | None):
            raise self.error(f"{key} must be true or false")
        return value

    def template(self):
        """The chat template: text, or the one called default of a list; None where there is none."""
        value = self.values.get("chat_template")
        if isinstance(value, list):
            named = [entry for entry in value if isinstance(entry, dict) and entry.get("name") == "default"]
            value = named[0].get("template") if named else None
        if value is not None and not _is_text(value):
            raise self.error("chat_template must be text, or a list of texts with names")
        return value

    def added(self):
        """Entries as ``added_tokens`` of tokenizer.json has them, of the tokens in ``added_tokens_decoder``."""
        entries = self.values.get("added_tokens_decoder", {})
        if not isinstance(entries, dict):
            raise self.error("added_tokens_decoder must be an object")
        found = []
        for number, entry in entries.items():
            flags = [entry.get(flag, False) for flag in _FLAGS] if isinstance(entry, dict) else [None]
            if not number.isdecimal() or not all(isinstance(flag, bool) for flag in flags) or len(number) > 9:
                raise self.error(f"added_tokens_decoder: {number!r} is not a token with its flags")
            content = {"id": int(number), "content": entry.get("content")}
            found.append(content | dict(zip(_FLAGS, flags, strict=True)))
        return found


def _is_text(value):
    """Whether ``value`` is text that can be written: JSON may have halves of characters."""
    return isinstance(value, str) and not _HALVES.search(value)


def _tokenizer(file, config):
    if not file.exists:
        raise file.error("no such file; it is where a model's directory has its tokenizer")
    added = file.values.get("added_tokens") or []
    if not isinstance(added, list) or not all(isinstance(entry, dict) for entry in added):
        raise file.error("added_tokens must be a list of objects")
    known = {entry["id"] for entry in added if type(entry.get("id")) is int}
    added = added + sorted((entry for entry in config.added() if entry["id"] not in known), key=lambda x: x["id"])
    model = file.values.get("model")
    if isinstance(model, dict):
        model = {key: value for key, value in model.items() if key != "dropout"}
    values = file.values | {"truncation": None, "padding": None, "added_tokens": added, "model": model}
    try:
        tokenizer = Tokenizer(json.dumps(values, ensure_ascii=False))
        before = tokenizer.before
    except InputError as error:
        raise file.error(str(error)) from None
    for entry in added:
        if tokenizer.token(entry["content"]) != entry["id"]:
            raise file.error(f"added token {entry['content']!r} cannot have the number {entry['id']!r}")
    if not all(token < tokenizer.size for token in before):
        raise file.error("post_processor puts a token before a text that the tokenizer does not have")
    return tokenizer


def _prefixes(values):
    """Whether the tokenizer.json ``values`` puts a space before a text."""
    parts = [values.get("normalizer"), values.get("pre_tokenizer")]
    for part in parts:
        if isinstance(part, list):
            parts += part
        elif isinstance(part, dict):
            parts += [part.get("normalizers"), part.get("pretokenizers")]  # of a sequence
            scheme = part.get("prepend_scheme", "always" if part.get("add_prefix_space") else "never")
            if part.get("type") == "Prepend" or scheme != "never":
                return True
    return False


def _before(tokenizer, config, bos):
    before, wanted = tokenizer.before, config.flag("add_bos_token")
    if wanted is None:
        return before
    first = tokenizer.token(bos)
    if not wanted:
        return tuple(token for token in before if token != first)
    if first is None:
        raise config.error("add_bos_token without a bos_token that the tokenizer knows")
    return (first,)


def _template(path):
    return _read(path) if os.path.exists(path) else None


def _read(path):
    try:
        if os.path.getsize(path) > _LARGEST:
            raise InputError(f"{path}: too large")
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text in UTF-8") from None
