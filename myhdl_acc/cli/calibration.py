"""What a compression measures of a model before it begins, kept between runs: ``compress`` and ``optimise``."""

import hashlib

import click

from golden.errors import InputError
from golden.files import digest
from myhdl_acc.simulate.kept import cache_directory, sources


def bar(total, unit, what):
    from tqdm import tqdm

    return tqdm(total=total, unit=unit, desc=what, leave=False, disable=None)  # where stderr is a terminal


def directories(model, text, tokens):
    """``directory(*options)``: where something of this compression is kept, named after all that it depends on; None
    where there is no cache.
    """
    from golden.llm import models

    try:
        root = cache_directory()
    except InputError as error:
        click.echo(f"myhdl-acc: an interruption would begin again: {error}", err=True)
        return lambda *_: None
    parts = [digest(models.files(model)), str(tokens), text or "", *sources("golden")]

    def directory(*options):
        hashed = b"".join(hashlib.sha256(part.encode()).digest() for part in (*parts, *map(str, options)))
        return root / f"compress-{hashlib.sha256(hashed).hexdigest()[:24]}"

    return directory


def sequences_of(source, text, tokens, kept):
    """Sequences of ``text``, or unless it is given of what ``source`` (FloatModel) writes."""
    from golden.llm.compress.calibrate import own_sequences, sequence_length, text_sequences

    if text is not None:
        return text_sequences(source, text, tokens)
    with bar(sequence_length(source) - 1, "token", "writing the calibration text") as shown:
        return kept.value("sequences", lambda: own_sequences(source, tokens, shown.update).tolist())


def losses_of(source, sequences, kept):
    """``{matrix: {kind: loss}}`` of ``source`` (FloatModel), as sensitivities() measures it."""
    from golden.llm.compress.sensitivity import sensitivities

    with bar(len(source.spec.layer_sizes), "matrix", "measuring losses") as shown:
        return kept.value("losses", lambda: sensitivities(source, sequences, lambda _: shown.update()))
