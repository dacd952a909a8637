"""``myhdl-acc demo``: the main job, end to end."""

import os
import time

import click

from golden.files import require_writable
from golden.formats.matrix import PHASES
from myhdl_acc.cli.options import (
    chat_options,
    config_option,
    json_option,
    report_json,
    sampler,
    sampling_at,
    trace_option,
)

MODELS = {
    "austen": ("w2", "She was", 60, 40, 0.8),
    "glassllm": ("w2", "Alice thought", 40, 28, 0),
    "smollm2": ("w4", "The capital of France is", 2, 508, 0),
}
"""Model: its weight format, prompt, number of tokens, attention window and temperature unless told otherwise. The
windows of the small models are smaller than what the demo decodes, so that tokens are evicted on the way. The first of
them comes with its weights compressed; the others' packages bring floats."""

CHAT = "What is the capital of France?", 60
"""The same of prompt and number of tokens with ``--chat``, whatever the model."""

SINKS = 4
_LABEL = 22
_CAUSES = 8  # lines of lost cycles


@click.command("demo")
@click.option("--model", "name", type=click.Choice(list(MODELS)), default="austen", show_default=True)
@click.option("--prompt", help="What the model continues, or with --chat answers.")
@chat_options
@click.option("-n", "count", type=click.IntRange(1, 4096), help="Tokens to decode at most.")
@click.option(
    "--weights", type=click.Choice(list(PHASES)), help="Format of the matrices; the head is w8. austen has w2."
)
@click.option("--window", type=click.IntRange(1), help=f"Last tokens attended to, besides the first {SINKS}.")
@click.option(
    "--temperature",
    type=click.FloatRange(0, 16, max_open=True),
    help="The accelerator draws every token at this temperature; 0: the most likely one.  [default: 0.8 for austen]",
)
@click.option(
    "--top",
    type=click.IntRange(1, 1024),
    help="The host draws every token from so many of the most likely ones instead, with a start for each.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of what is drawn.")
@config_option("demo")
@click.option("--html", default="build/demo.html", show_default=True, help="The page of what every unit did.")
@click.option("--svg", help="Also draw the page's first charts as a picture.")
@trace_option("the last decoded token")
@json_option
def command(
    name, prompt, chat, system, count, weights, window, temperature, top, seed, config, html, svg, traces, as_json
):
    """Decode a real model on the simulated accelerator.

    The model, pruned and quantised, is packed into the memory of the whole accelerator, which Verilator runs with a
    timed HBM2 behind every port: one start for all tokens. Every byte that it leaves in its cache and every logit is
    compared with the golden model; the text is printed as it comes, up to a token that ends it. Then: cycles per token,
    where they went, and a page that shows what every lane, the vector unit and every memory port did in every cycle of
    the last token.
    """
    from golden.lambda_attention import LambdaRule
    from golden.llm.decoding import Decoding
    from golden.llm.text_stream import TextStream
    from myhdl_acc.cli.compressed import compressed
    from myhdl_acc.cli.prompt import prompt_tokens
    from myhdl_acc.driver.checked import CheckedAccelerator
    from myhdl_acc.driver.recording import LastToken
    from myhdl_acc.driver.simulation_device import SimulationDevice
    from myhdl_acc.program.compiler import Compiler
    from myhdl_acc.viz.run_file import write_run

    say = (lambda *_, **__: None) if as_json else click.echo
    defaults = MODELS[name]
    weights, window = weights or defaults[0], window or defaults[3]
    if temperature is None:
        temperature = 0 if top else defaults[4]
    sampling = sampling_at(temperature, top or 1, seed)
    usual_prompt, usual_count = CHAT if chat else defaults[1:3]
    prompt, count = usual_prompt if prompt is None else prompt, count or usual_count
    _prepare_directories(html, svg)
    require_writable(*filter(None, (html, svg)))

    started = time.perf_counter()
    model = compressed(name, weights)
    tokens, rule = prompt_tokens(model.tokenizer, prompt, chat, system), LambdaRule(SINKS, window)
    Compiler(model, rule, config)  # what does not fit is said before anything is built
    say(
        f"{name}: {model.spec.parameters:,} parameters, {model.weight_bytes:,} bytes in {weights} and w8, int8 "
        f"activations, int4 cache, attention to the first {SINKS} and the last {window} tokens "
        f"({time.perf_counter() - started:.1f} s)"
    )

    started = time.perf_counter()
    with SimulationDevice(config, "hbm2") as device:
        accelerator = CheckedAccelerator(device, config, model, rule, choices=count)
        say(
            f"accelerator: {config.lanes} lanes × {config.rows} rows × {config.beat_bits} bits in Verilator, HBM2 "
            f"({time.perf_counter() - started:.1f} s)\n"
        )
        started = time.perf_counter()
        stream = TextStream(model.tokenizer, tokens)
        choose, end = sampler(top or 1, seed), model.tokenizer.rules.end
        decoding = Decoding(accelerator, accelerator, tokens, count, stream, choose, end, sampling)
        say(f"{prompt}\n" if chat else prompt, nl=False)
        about = {"model": f"{name}, {weights}", "memory": "hbm2", "sinks": SINKS, "window": window}
        last = LastToken(device, accelerator, **about)
        for part in last.parts(decoding):
            say(part, nl=False)
        say()
    seconds = time.perf_counter() - started
    report = _report(accelerator, decoding, last.run.table, config, seconds)
    about = {"model": f"{name}, {weights}", "text": f"{prompt}{' ' if chat else ''}{stream.text}"}
    about |= report["lines"] | {"charts": "the last token; the figures above are of all tokens"}
    _draw(html, svg, last.run, about)
    for path in traces:
        write_run(path, last.run)
    if as_json:
        fields = {"model": name, "text": stream.text, "tokens": decoding.tokens, "stopped": decoding.stopped}
        report_json(fields | {"html": html, "bit_exact": True, **report["fields"]})
    else:
        say()
        for label, value in report["lines"].items():
            value = value.replace("\n", "\n" + " " * (_LABEL + 1))
            say(f"{label:<{_LABEL}} {value}")
        say(f"{'page':<{_LABEL}} {html}")
        for path in traces:
            say(f"{'trace':<{_LABEL}} {path}")


def _prepare_directories(*paths):
    """The default page lies in a directory that a fresh clone does not have."""
    for path in paths:
        if path and os.path.dirname(path) == "build":
            os.makedirs("build", exist_ok=True)


def _report(accelerator, decoding, table, config, seconds):
    """What the run showed: ``lines`` for people, ``fields`` for programs."""
    from myhdl_acc.report.perf.lost_cycles import lost_cycles

    states = accelerator.lane_cycles
    total = sum(states.values())
    last = table.span[1]
    lost, _ = lost_cycles(table, config.lanes, last)
    lines = {
        "cycles per token": f"{decoding.cycles_per_token:,.0f} (prompt of {len(decoding.prompt)}: "
        f"{decoding.prompt_cycles:,})",
        "lanes with a beat": f"{states['beat'] / total:.1%} of all cycles",
        "lanes without": "\n".join(f"{cycles / last:6.1%} {cause}" for cause, cycles in list(lost.items())[:_CAUSES]),
        "compared with golden": f"{accelerator.checked:,} cache bytes and logits, all equal",
        "simulated": f"{accelerator.cycles:,} cycles of {_counted(accelerator.figures()['starts'], 'start')} in "
        f"{seconds:.1f} s",
    }
    fields = {
        "cycles_per_token": decoding.cycles_per_token,
        "prompt_cycles": decoding.prompt_cycles,
        "checked": accelerator.checked,
        "utilisation": states["beat"] / total,
        "lane_states": states,
        "lost_cycles_of_last_token": lost,
        "seconds": round(seconds, 2),
        **accelerator.figures(),
    }
    return {"lines": lines, "fields": fields}


def _counted(number, what):
    return f"{number} {what}{'s' * (number != 1)}"


def _draw(html, svg, run, summary):
    from myhdl_acc.viz.page import write_html

    write_html(html, run, summary, title="myhdl_acc: one token, cycle by cycle")
    if svg:
        from myhdl_acc.viz.token_svg import write_token_svg

        write_token_svg(svg, run, f"One decoded token of {summary['model']}, from the simulated RTL")
