"""``myhdl-acc generate``."""

import click

from myhdl_acc.cli.options import (
    backend_option,
    config_option,
    json_option,
    lambda_options,
    report_json,
    sampler,
    sampling_options,
)


@click.command("generate")
@click.argument("model", metavar="OUT.acc|NAME")
@click.argument("prompt", metavar="PROMPT")
@click.option("-n", "count", type=click.IntRange(1, 1 << 20), default=16, show_default=True, help="Tokens to decode.")
@backend_option(
    "golden",
    text="golden: the golden model; verilator: the RTL of the whole accelerator; the others: the golden model with the "
    "RTL of the engine alone.",
)
@config_option("demo")
@click.option(
    "--check/--no-check", default=True, help="Compare what the RTL leaves behind with the golden model (default)."
)
@lambda_options
@sampling_options
@json_option
def command(model, prompt, count, backend, config, check, sinks, window, top, seed, as_json):
    """Continue PROMPT with a compressed model.

    NAME is austen, which comes with this program.

    `verilator` runs the whole accelerator, memory included; every byte of its cache and every logit is compared. The
    other simulators run the engine alone: it computes the matrix and attention products, every one of which is
    compared, and the golden model does the rest. Their cycles are the engine's, without memory and vector unit.
    `bit_exact` in the JSON is true if nothing differed, null with --no-check; a difference ends the command with exit
    code 1.
    """
    from golden.lambda_attention import LambdaRule
    from golden.models import embedded
    from myhdl_acc.cli.backends import Decoding, open_decoder
    from myhdl_acc.cli.text_stream import TextStream, prompt_tokens

    loaded = embedded.load(model)
    tokens = prompt_tokens(loaded.tokenizer, prompt)
    rule = LambdaRule.of(loaded.spec, sinks, window).within(len(tokens) + count)
    with open_decoder(backend, config, loaded, rule, check) as (decoder, clock):
        decoding = Decoding(decoder, clock, tokens, count, sampler(top, seed))
        stream = TextStream(loaded.tokenizer, tokens, silent=as_json)
        for token in decoding:
            stream.put(token)
        stream.close()
    if as_json:
        fields = {"text": stream.text, "tokens": decoding.tokens, "cycles_per_token": decoding.cycles_per_token}
        exact = True if check or backend == "golden" else None
        report_json(fields | {"backend": backend, "bit_exact": exact, "prompt_cycles": decoding.prompt_cycles})
    elif decoding.cycles_per_token is not None:
        checked = f", {clock.checked:,} values equal the golden model's" if check else ""
        ran = "the whole accelerator" if backend == "verilator" else "the engine alone"
        click.echo(f"{decoding.cycles_per_token:,.1f} cycles per token of {ran} in {backend}{checked}")
