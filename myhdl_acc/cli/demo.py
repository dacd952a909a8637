"""``myhdl-acc demo``: the main job, end to end."""

import os
import time

import click

from golden.files import require_writable
from golden.formats.matrix import PHASES
from myhdl_acc.cli.options import backend_option, config_option, json_option, report_json

MODELS = {
    "glassllm": ("w2", "Alice thought", 40, 28),
    "smollm2": ("w4", "The capital of France is", 2, 508),
}
"""Model: its weight format, prompt, number of tokens and attention window unless told otherwise. The window of the
small model is smaller than what the demo decodes, so that tokens are evicted on the way."""

SINKS = 4
_LABEL = 22


@click.command("demo")
@click.option("--model", "name", type=click.Choice(list(MODELS)), default="glassllm", show_default=True)
@click.option("--prompt", help="What the model continues.")
@click.option("-n", "count", type=click.IntRange(1, 4096), help="Tokens to decode.")
@click.option("--weights", type=click.Choice(list(PHASES)), help="Format of the matrices; the head is w8.")
@click.option("--window", type=click.IntRange(1), help=f"Last tokens attended to, besides the first {SINKS}.")
@config_option("demo")
@backend_option("verilator", golden=False)
@click.option("--html", default="build/demo.html", show_default=True, help="The page of occupancy per lane and stream.")
@click.option("--svg", help="Also draw the page's chart as a picture.")
@json_option
def command(name, prompt, count, weights, window, config, backend, html, svg, as_json):
    """Decode a real model on the simulated RTL.

    The model is pruned, quantised and packed; every matrix and attention product comes from the converted hardware in a
    simulator and is compared with the golden model, integer by integer; the text is printed as it comes. Then: cycles
    per token, where they went, and a page that shows what every lane and stream did in every cycle of the last token.
    """
    from golden.decoder import Decoder
    from myhdl_acc.cli.backends import Decoding, open_engine
    from myhdl_acc.cli.compressed import compressed
    from myhdl_acc.cli.text_stream import TextStream, prompt_tokens
    from myhdl_acc.engine.sequencer import STATES
    from myhdl_acc.trace.engine_recorder import EngineRecorder

    say = (lambda *_, **__: None) if as_json else click.echo
    defaults = MODELS[name]
    weights, prompt = weights or defaults[0], defaults[1] if prompt is None else prompt
    count, window = count or defaults[2], window or defaults[3]
    _prepare_directories(html, svg)
    require_writable(*filter(None, (html, svg)))

    started = time.perf_counter()
    model = compressed(name, weights)
    tokens = prompt_tokens(model.tokenizer, prompt)
    say(
        f"{name}: {model.spec.parameters:,} parameters, {model.weight_bytes:,} bytes in {weights} and w8, int8 "
        f"activations, int4 cache, attention to the first {SINKS} and the last {window} tokens "
        f"({time.perf_counter() - started:.1f} s)"
    )

    started = time.perf_counter()
    with open_engine(backend, config, check=True, record=True) as engine:
        say(
            f"engine: {config.lanes} lanes × {config.rows} rows × {config.beat_bits} bits on {backend} "
            f"({time.perf_counter() - started:.1f} s)\n"
        )
        started = time.perf_counter()
        recorder = EngineRecorder(engine, STATES)
        decoder = Decoder(model, execute=recorder.execute, sinks=SINKS, window=window, rows=config.rows)
        decoding = Decoding(decoder, recorder, tokens, count)
        stream = TextStream(model.tokenizer, tokens, silent=as_json)
        say(prompt, nl=False)
        last = 0
        for token in decoding:
            stream.put(token)
            if len(decoding.tokens) < count:
                last = recorder.cycles
        stream.close()
    seconds = time.perf_counter() - started
    report = _report(recorder, decoding, engine, config, seconds)
    table = recorder.table.window(last, recorder.cycles)
    shown = f"the last token, cycles {last:,} to {recorder.cycles:,}; the figures above are of all tokens"
    about = {"model": f"{name}, {weights}", "text": prompt + stream.text}
    _draw(html, svg, table, about | report["lines"] | {"charts": shown})
    if as_json:
        fields = {"model": name, "text": stream.text, "tokens": decoding.tokens, "backend": backend, "html": html}
        report_json(fields | {"bit_exact": True, **report["fields"]})
    else:
        say()
        for label, value in report["lines"].items():
            value = value.replace("\n", "\n" + " " * (_LABEL + 1))
            say(f"{label:<{_LABEL}} {value}")
        say(f"{'page':<{_LABEL}} {html}")


def _prepare_directories(*paths):
    """The default page lies in a directory that a fresh clone does not have."""
    for path in paths:
        if path and os.path.dirname(path) == "build":
            os.makedirs("build", exist_ok=True)


def _report(recorder, decoding, engine, config, seconds):
    """What the run showed: ``lines`` for people, ``fields`` for programs."""
    from myhdl_acc.trace.occupancy import by_operation, occupancy

    states = occupancy(recorder.table).by_unit()["lane"]
    total = sum(states.values())
    operations = {
        op: {"cycles": sum(counts.values()) // config.lanes, "beat_share": counts.get("beat", 0) / sum(counts.values())}
        for op, counts in by_operation(recorder.table).items()
    }
    lost = {state: cycles for state, cycles in states.items() if state != "beat"}
    lines = {
        "cycles per token": f"{decoding.cycles_per_token:,.0f} (prompt of {len(decoding.prompt)}: "
        f"{decoding.prompt_cycles:,})",
        "lanes with a beat": f"{states.get('beat', 0) / total:.1%} of all cycles",
        "lanes without": ", ".join(f"{state} {cycles / total:.1%}" for state, cycles in lost.items()),
        "by operation": "\n".join(
            f"{values['cycles'] / recorder.cycles:6.1%} {op}, a beat in {values['beat_share']:.0%} of its cycles"
            for op, values in sorted(operations.items(), key=lambda item: -item[1]["cycles"])
        ),
        "compared with golden": f"{engine.checked:,} integers, all equal",
        "simulated": f"{recorder.cycles:,} cycles in {seconds:.1f} s",
    }
    fields = {
        "cycles_per_token": decoding.cycles_per_token,
        "prompt_cycles": decoding.prompt_cycles,
        "cycles": recorder.cycles,
        "checked": engine.checked,
        "utilisation": states.get("beat", 0) / total,
        "lane_states": states,
        "operations": operations,
        "seconds": round(seconds, 2),
    }
    return {"lines": lines, "fields": fields}


def _draw(html, svg, table, summary):
    from myhdl_acc.viz.page import write_html

    write_html(html, table, summary, title="myhdl_acc: one token, cycle by cycle")
    if svg:
        from myhdl_acc.viz.svg import write_svg

        write_svg(svg, table, f"One decoded token of {summary['model']}, from the simulated RTL")
