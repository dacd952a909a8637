"""``myhdl-acc perplexity``."""

import time

import click

from myhdl_acc.cli.options import json_option, lambda_options, report_json
from myhdl_acc.cli.text_file import read_text


@click.command("perplexity")
@click.argument("model", metavar="OUT.acc|MODEL")
@click.argument("text", metavar="TEXTFILE")
@click.option("--tokens", "limit", type=click.IntRange(2), help="Use only the first so many tokens of the text.")
@click.option(
    "--stream",
    "part",
    type=click.IntRange(1),
    metavar="PART",
    help="Take the text as one long stream, and report each PART tokens of it as well.",
)
@lambda_options
@json_option
def command(model, text, limit, part, sinks, window, as_json):
    """How well a model predicts a text: an .acc (or austen) through the integer decoder, any other model in floats.

    The text is cut into windows of 512 tokens, or of the context that the model was trained for if that is shorter;
    with --stream it stays whole, so that --sinks and --window show what attention forgets. The tokens that the model
    expects before a text (BOS) precede each window. The first token of a window is not predicted.
    """
    from tqdm import tqdm

    from golden.llm.perplexity import predictions
    from myhdl_acc.cli import any_model

    content = read_text(text)
    loaded = any_model.load(model)
    tokens = loaded.tokenizer.encode(content)[:limit]
    start = time.perf_counter()
    with tqdm(total=len(tokens), unit="token", leave=False, disable=None) as bar:  # where stderr is a terminal
        predicted = predictions(
            loaded, tokens, sinks, window, part is not None, progress=lambda done: bar.update(done - bar.n)
        )
    seconds = time.perf_counter() - start
    parts = None if part is None else predicted.parts(part)
    if as_json:
        fields = {"perplexity": predicted.perplexity, "tokens": len(tokens), "seconds": round(seconds, 2)}
        report_json(fields if parts is None else fields | {"parts": parts})
    else:
        click.echo(f"perplexity {predicted.perplexity:.3f} over {len(tokens)} tokens, {seconds:.1f} s")
        for index, value in enumerate(parts or []):
            click.echo(f"from token {index * part}: {value:.3f}")
