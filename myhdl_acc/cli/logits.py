"""``myhdl-acc logits``."""

import os
import re

import click

from golden.errors import InputError
from myhdl_acc.cli.options import config_option, decoder_option, json_option, lambda_options, report_json

_LARGEST = 4 << 30  # bytes of all logits


@click.command("logits")
@click.argument("model", metavar="OUT.acc|MODEL")
@click.option(
    "--tokens",
    "given",
    required=True,
    metavar="NUMBERS",
    help="Token numbers, with spaces or commas between them; or @FILE, a file of them, @- for standard input.",
)
@click.option("-o", "--output", "target", metavar="OUT.npz", required=True, help="Where the logits go.")
@decoder_option
@config_option("demo")
@lambda_options
@json_option
def command(model, given, target, backend, config, sinks, window, as_json):
    """What a model expects after every one of given tokens, for comparison with other programs.

    An .acc (or austen) goes through the integer decoder, any other model through the float one. OUT.npz receives
    `tokens` (T) and `logits` (T,V) float32, of an .acc also `integers` (T,V) int32: the logits with 16 fraction bits.
    Nothing is put before the tokens. A float model attends to all of them (or its trained window) and has no --backend.
    """
    from golden.files import require_writable
    from golden.llm import models
    from golden.llm.quantised_model import AccModel
    from myhdl_acc.cli import any_model
    from myhdl_acc.trace.npz_file import write_npz

    tokens = _numbers(given)
    models.require_apart(target, model)
    require_writable(target, inputs=models.files(model) if os.path.isdir(model) else [model])
    loaded = any_model.load(model)
    exact = isinstance(loaded, AccModel)
    if not exact and backend != "golden":
        raise click.UsageError(f"--backend {backend}: {model} is a model in floats; compress it first")
    spec = loaded.spec
    wrong = [token for token in tokens if not 0 <= token < spec.vocab]
    if wrong:
        raise InputError(f"--tokens: token {wrong[0]} is outside the vocabulary of {spec.vocab}")
    size = 4 * len(tokens) * spec.vocab * (2 if exact else 1)
    if size > _LARGEST:
        raise InputError(
            f"--tokens: the logits of {len(tokens)} tokens take {size >> 20} MiB, more than {_LARGEST >> 20}"
        )
    found = _exact(loaded, tokens, backend, config, sinks, window) if exact else _float(loaded, tokens, sinks, window)
    write_npz(target, tokens=tokens, **found)
    fields = {"tokens": len(tokens), "vocab": spec.vocab, "backend": backend if exact else "float", "output": target}
    if as_json:
        report_json(fields)
    else:
        click.echo(f"{len(tokens)} × {spec.vocab} logits in {target} ({fields['backend']})")


def _numbers(given):
    """The token numbers of ``--tokens``."""
    from myhdl_acc.cli.text_file import read_text

    text = (read_text(given[1:]) if given.startswith("@") else given).strip()
    if not text:
        raise InputError("--tokens: there are none")
    numbers = re.split(r"\s*,\s*|\s+", text)
    if not all(re.fullmatch("-?[0-9]{1,18}", number) for number in numbers):
        raise InputError(f"--tokens: not token numbers: {text[:40]!r}")
    return [int(number) for number in numbers]


def _exact(model, tokens, backend, config, sinks, window):
    """Logits of the integer decoder. The accelerator computes those of a pass's last token, so it takes one a pass."""
    import numpy as np

    from golden.decoder import ROWS
    from golden.lambda_attention import LambdaRule
    from golden.numerics import ONE
    from myhdl_acc.cli.backends import open_decoder

    rule = LambdaRule.of(model.spec, sinks, window).within(len(tokens))
    with open_decoder(backend, config, model, rule, check=True) as (decoder, _):

        def one(part):
            decoder.feed(part)
            return decoder.logits()

        if backend == "verilator":
            integers = _in_blocks(one, tokens, model.spec.vocab, np.int32, rows=1)
        else:
            integers = _in_blocks(lambda part: decoder.feed(part, every=True), tokens, model.spec.vocab, np.int32, ROWS)
    logits = np.empty(integers.shape, np.float32)
    return {"logits": np.divide(integers, np.float64(ONE), out=logits, casting="same_kind"), "integers": integers}


def _float(model, tokens, sinks, window):
    import numpy as np

    from golden.decoder import ROWS
    from golden.lambda_attention import LambdaRule
    from golden.llm.float_decoder import FloatDecoder

    window = window or model.spec.window or len(tokens)
    rule = LambdaRule.of(model.spec, sinks or 0, window).within(len(tokens))
    decoder = FloatDecoder(model, sinks=rule.sinks, window=rule.window)
    return {"logits": _in_blocks(decoder.feed, tokens, model.spec.vocab, np.float32, ROWS)}


def _in_blocks(feed, tokens, vocab, dtype, rows):
    """(T, vocab) of what ``feed`` returns for so many of ``tokens`` at a time."""
    import numpy as np

    logits = np.empty((len(tokens), vocab), dtype)
    for start in range(0, len(tokens), rows):
        part = slice(start, start + rows)
        logits[part] = feed(tokens[part])
    return logits
