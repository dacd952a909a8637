"""``myhdl-acc tokenize``."""

import click

from myhdl_acc.cli.options import json_option, report_json
from myhdl_acc.cli.text_file import given_text, read_text


@click.command("tokenize")
@click.argument("model", metavar="OUT.acc|MODEL")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--file", "path", metavar="FILE", help="Take the text from FILE instead; - is the standard input.")
@json_option
def command(model, text, path, as_json):
    """The tokens that a model is fed for TEXT: a number and its text per line, quoted, or both lists in the JSON.

    What the model wants before every prompt (BOS) is among them. A control token, such as <|im_end|>, may be spelled in
    TEXT. A token whose text is part of a character only is shown as the vocabulary writes it. No weights are read.
    """
    from golden.llm.models.text import load_tokenizer

    if (text is None) == (path is None):
        raise click.UsageError("give either TEXT or --file")
    content = given_text(text, "text") if path is None else read_text(path, newline="")
    tokenizer = load_tokenizer(model)
    tokens = tokenizer.prompt(content)
    pieces = [tokenizer.piece(token) for token in tokens]
    if as_json:
        report_json({"tokens": tokens, "pieces": pieces})
    else:
        for token, piece in zip(tokens, pieces, strict=True):
            click.echo(f"{token} {piece!r}")
