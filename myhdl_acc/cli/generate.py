"""``myhdl-acc generate``."""

from collections import deque

import click

from myhdl_acc.cli.options import (
    chat_options,
    config_option,
    decoder_option,
    device_option,
    json_option,
    lambda_options,
    report_json,
    sampler,
    sampling_at,
    sampling_options,
    speculation_of,
    speculation_options,
    trace_option,
)

WHOLE = ("verilator", "serial")
"""What runs the whole accelerator."""


@click.command("generate")
@click.argument("model", metavar="OUT.acc|NAME")
@click.argument("prompt", metavar="[PROMPT]", required=False)
@click.option("--prompt-file", metavar="FILE", help="What the prompt is in, however long.")
@click.option(
    "--batch",
    metavar="FILE",
    help="Continue every line of FILE instead, as many at a time as the configuration has rows.",
)
@click.option(
    "-n", "count", type=click.IntRange(1, 1 << 20), default=16, show_default=True, help="Tokens to decode at most."
)
@click.option(
    "--stop", "stops", metavar="TEXT", multiple=True, help="End before this text, too; may be given several times."
)
@chat_options
@decoder_option
@device_option
@config_option("demo")
@click.option(
    "--check/--no-check",
    default=True,
    help="Compare what the RTL leaves behind with the golden model (default; a board's only with --check).",
)
@lambda_options
@sampling_options
@speculation_options
@trace_option("the last decoded token on `--backend verilator`")
@json_option
@click.pass_context
def command(
    ctx,
    model,
    prompt,
    prompt_file,
    batch,
    count,
    stops,
    chat,
    system,
    backend,
    device,
    config,
    check,
    sinks,
    window,
    temperature,
    top,
    seed,
    speculate,
    drafts,
    traces,
    as_json,
):
    """Continue PROMPT with a compressed model, until one of the tokens that end what it writes.

    NAME is austen, which comes with this program. PROMPT may be `-`, standard input. It may be longer than the context:
    attention then spans --sinks and --window tokens of it.

    `verilator` runs the whole accelerator, memory included; every byte of its cache and every logit is compared. The
    other simulators run the engine alone: it computes the matrix and attention products, every one of which is
    compared, and the golden model does the rest. Their cycles are the engine's, without memory and vector unit.

    With --batch several texts share passes, on the whole accelerator or its golden machine. Each is what it would be by
    itself, which --check compares. They are printed with the numbers of their lines; in the JSON they are `texts`, and
    `tokens_per_pass` is of the passes that chose any.

    With --device a board decodes, and the JSON's `backend` is `serial`. make bitstream makes what the board needs.

    The JSON's `tokens` are all that were decoded, the end token and those of a stop text included; `text` is what was
    before these. `stopped` says what ended it: `end` (token), `stop` (text) or `count`.
    `starts`, `passes`, `cycles` and `host_seconds`, the driver's own time, are the whole accelerator's, else null.
    With --speculate so are `accepted`, how many tokens the first draft of a pass gave, the second one, ...,
    `accepted_by_source`, and `tokens_per_pass`, of the passes that chose any. Of tokens that were drafts --check
    compares no logits.
    `bit_exact` in the JSON is true if nothing differed, null with --no-check; a difference ends the command with exit
    code 1.
    """
    from golden.lambda_attention import LambdaRule
    from golden.llm.decoding import Decoding
    from golden.llm.models import embedded
    from golden.llm.text_stream import TextStream
    from myhdl_acc.cli.backends import open_decoder
    from myhdl_acc.cli.generate_batch import BACKENDS, generate_batch
    from myhdl_acc.cli.options import load_config, told
    from myhdl_acc.cli.printing import print_text
    from myhdl_acc.cli.prompt import given_prompt, naming, prompt_tokens
    from myhdl_acc.cli.text_file import given_text
    from myhdl_acc.driver.recording import LastToken
    from myhdl_acc.viz.run_file import write_run

    if not all(stops):
        raise click.UsageError("--stop must not be empty")
    for stop in stops:
        given_text(stop, "text of --stop")
    if device is not None:
        if told(ctx, "backend"):
            raise click.UsageError("--device and --backend exclude each other")
        backend = "serial"
        config = config if told(ctx, "config") else load_config("ecp5")
        check = check and told(ctx, "check")
    if traces and backend != "verilator":
        raise click.UsageError("--trace records the whole accelerator: give --backend verilator")
    sampling = sampling_at(temperature, top, seed)
    if batch is not None:
        given = {
            "PROMPT": prompt is not None, "--prompt-file": prompt_file is not None, "--stop": bool(stops),
            "--top": top > 1, "--speculate": speculate != "none", "--drafts": drafts is not None,
            "--trace": bool(traces), "--device": bool(device),
        }  # fmt: skip
        against = [name for name, there in given.items() if there]
        if against:
            raise click.UsageError(f"--batch and {against[0]} exclude each other")
        if backend not in BACKENDS:
            raise click.UsageError(f"--batch is for --backend {' or '.join(BACKENDS)}")
        generate_batch(
            model, batch, count, config, backend, check, lambda spec, tokens: LambdaRule.of(spec, sinks, window)
            .within(tokens), sampling, chat, system, as_json,
        )  # fmt: skip
        return
    speculation = speculation_of(speculate, drafts, config, backend, top, bool(traces))
    text = given_prompt(prompt, prompt_file)
    loaded = embedded.load(model)
    with naming(model):
        tokens = prompt_tokens(loaded.tokenizer, text, chat, system)
    rule = LambdaRule.of(loaded.spec, sinks, window).within(len(tokens) + count)
    with open_decoder(backend, config, loaded, rule, check, device, speculation) as (decoder, clock):
        stream = TextStream(loaded.tokenizer, tokens, stops)
        choose, end = sampler(top, seed), loaded.tokenizer.rules.end
        decoding = Decoding(decoder, clock, tokens, count, stream, choose, end, sampling)
        parts, last = decoding, None
        if traces:
            about = {"model": model, "memory": "hbm2", "sinks": rule.sinks, "window": rule.window}
            last = LastToken(decoder.device, decoder, **about)
            parts = last.parts(decoding)
        if as_json:
            deque(parts, maxlen=0)
        else:
            print_text(parts)
    for path in traces:
        write_run(path, last.run)
    if as_json:
        fields = {"text": stream.text, "tokens": decoding.tokens, "cycles_per_token": decoding.cycles_per_token}
        exact = True if check or backend == "golden" else None
        fields |= {"backend": backend, "bit_exact": exact, "prompt_cycles": decoding.prompt_cycles}
        report_json(fields | {"stopped": decoding.stopped} | _figures(backend, clock, speculation))
        return
    if speculation:
        by_row, of_head = clock.chosen_by_row, sum(clock.chosen_of_head)
        head = f", {of_head} of them the draft head's" if of_head else ""
        click.echo(f"{sum(by_row) / by_row[0]:.2f} tokens per pass, drafts that were right: {sum(by_row[1:])}{head}")
    if decoding.cycles_per_token is not None:
        checked = f", {clock.checked:,} values equal the golden model's" if check else ""
        ran = "the whole accelerator" if backend in WHOLE else "the engine alone"
        click.echo(f"{decoding.cycles_per_token:,.1f} cycles per token of {ran} in {backend}{checked}")


def _figures(backend, accelerator, speculation):
    from myhdl_acc.driver.accelerator import FIGURES

    figures = accelerator.figures() if backend in WHOLE or speculation else dict.fromkeys(FIGURES)
    if not speculation:
        return figures | dict.fromkeys(("accepted", "accepted_by_source", "tokens_per_pass"))
    by_row, heads = accelerator.chosen_by_row, accelerator.chosen_of_head[1:]
    figures["accepted"] = by_row[1:]
    lookup = [all_of - of_head for all_of, of_head in zip(by_row[1:], heads, strict=True)]
    figures["accepted_by_source"] = {"lookup": lookup, "heads": heads}
    figures["tokens_per_pass"] = sum(by_row) / by_row[0]
    return figures
