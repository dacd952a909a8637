"""``myhdl-acc chat``."""

import sys

import click

from myhdl_acc.cli.options import (
    config_option,
    decoder_option,
    lambda_options,
    sampler,
    sampling_at,
    sampling_options,
    speculation_of,
    speculation_options,
    system_option,
)
from myhdl_acc.cli.text_file import given_text


@click.command("chat")
@click.argument("model", metavar="OUT.acc|NAME")
@system_option
@click.option(
    "-n",
    "count",
    type=click.IntRange(1, 1 << 20),
    default=256,
    show_default=True,
    help="Tokens of an answer at most.",
)
@decoder_option
@config_option("demo")
@lambda_options
@sampling_options
@speculation_options
def command(model, system, count, backend, config, sinks, window, temperature, top, seed, speculate, drafts):
    """Talk with a compressed model: every line of standard input is a turn, which it answers.

    The model must have a chat template. What was said stays in its cache: a turn costs the tokens of its own alone,
    as long as the template writes earlier turns as they were decoded; where it does not, the model reads all of it
    again, and a line on standard error says so.

    `verilator` runs the whole accelerator, and compares every byte of its cache and every logit. It needs a --window
    that the configuration has room for, such as 1020 for `demo`.
    """
    from golden.lambda_attention import LambdaRule
    from golden.llm.models import embedded
    from golden.llm.models.chat_template import require_template
    from myhdl_acc.cli.backends import open_decoder
    from myhdl_acc.cli.conversation import Conversation
    from myhdl_acc.cli.prompt import naming

    sampling = sampling_at(temperature, top, seed)
    speculation = speculation_of(speculate, drafts, config, backend, top)
    loaded = embedded.load(model)
    with naming(model):
        require_template(loaded.tokenizer)
    rule = LambdaRule.of(loaded.spec, sinks, window)
    with open_decoder(backend, config, loaded, rule, check=True, speculation=speculation) as opened:
        conversation = Conversation(*opened, loaded.tokenizer, count, system, sampler(top, seed), sampling)
        for line in _lines():
            with naming(model):
                decoding, again = conversation.answer(line)
            if again:
                tokens = len(decoding.prompt)
                click.echo(f"(read all {tokens} tokens: the template writes earlier turns in another way)", err=True)


def _lines():
    """The lines of standard input that are not blank; a terminal is asked for them. Raises InputError for no text."""
    if sys.stdin is None:  # closed
        return
    # A wrong byte must not take the lines before it away, which are read at once.
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    asked = "> " if sys.stdin.isatty() else ""
    try:
        while True:
            line = input(asked)
            if line.strip():
                yield given_text(line, "line of standard input")
    except EOFError:
        return
