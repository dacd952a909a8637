"""Options that several commands share, and how they report."""

import json
import math
import os

import click

from golden.errors import InputError
from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig

_CONFIG_LIMIT = 1 << 16

BACKENDS = ("golden", "verilator", "icarus", "ghdl", "myhdl")


def load_config(text):
    """The AcceleratorConfig that ``text`` names: a preset, or else a JSON file."""
    if text in PRESETS:
        return AcceleratorConfig.preset(text)
    if not os.path.exists(text):
        raise InputError(f"config: {text!r} is neither a preset ({', '.join(PRESETS)}) nor a JSON file that exists")
    try:
        with open(text, encoding="utf-8") as file:
            content = file.read(_CONFIG_LIMIT + 1)
    except OSError as error:
        raise InputError(f"cannot read {text}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{text}: not a JSON file") from None
    if len(content) > _CONFIG_LIMIT:
        raise InputError(f"{text}: not a configuration, it has more than {_CONFIG_LIMIT} characters")
    try:
        return AcceleratorConfig.from_json(content)
    except InputError as error:
        raise InputError(f"{text}: {error}") from None
    except (ValueError, RecursionError):  # numbers or nesting beyond what the parser takes
        raise InputError(f"{text}: not a configuration") from None


class ConfigType(click.ParamType):
    """A preset's name or a JSON file, as an AcceleratorConfig."""

    name = "preset|file"

    def convert(self, value, param, ctx):
        return value if isinstance(value, AcceleratorConfig) else load_config(value)


def config_option(default, text="Configuration"):
    """``--config``; ``text`` says what it is for, where that is not what the command works with."""
    return click.option(
        "--config",
        type=ConfigType(),
        default=default,
        show_default=True,
        help=f"{text}: {', '.join(PRESETS)}, or a JSON file.",
    )


def backend_option(default, golden=True, text=None):
    """``--backend``; ``text`` says what it chooses, where that is not what computes an engine's operations."""
    products = "What computes the matrix and attention products" + (": the golden model, or RTL." if golden else ".")
    return click.option(
        "--backend",
        type=click.Choice([name for name in BACKENDS if golden or name != "golden"]),
        default=default,
        show_default=True,
        help=text or products,
    )


decoder_option = backend_option(
    "golden",
    text="golden: the golden model; verilator: the RTL of the whole accelerator; the others: the golden model with the "
    "RTL of the engine alone.",
)


class DeviceType(click.ParamType):
    """``serial:PORT``, as the port's name."""

    name = "serial:port"

    def convert(self, value, param, ctx):
        kind, _, port = value.partition(":")
        if kind != "serial" or not port:
            self.fail(f"{value!r} is no device; one is serial:/dev/ttyUSB0", param, ctx)
        return port


def told(ctx, name):
    """Whether the caller gave the option ``name``."""
    return ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT


device_option = click.option(
    "--device",
    type=DeviceType(),
    metavar="serial:PORT",
    help="A board that decodes, instead of --backend; its --config is ecp5 unless told otherwise.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")


def report_json(fields):
    """Print the one object of ``--json``. JSON has no numbers that are not finite: null stands for them."""
    click.echo(json.dumps(_finite(fields), allow_nan=False))


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def sampling_options(command):
    """``--temperature``, ``--top`` and ``--seed``: the likeliest token, or one drawn from all or the likeliest few."""
    seed = click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of what is drawn.")
    temperature = click.option(
        "--temperature",
        type=click.FloatRange(0, 16, max_open=True),
        default=0,
        show_default=True,
        help="Draw every token from all, as often as the model expects each at this temperature.",
    )
    top = click.option(
        "--top",
        type=click.IntRange(1, 1024),
        default=1,
        show_default=True,
        help="Draw every token from so many of the most likely ones, as often as the model expects each.",
    )
    return temperature(top(seed(command)))


def sampler(top, seed):
    """What ``generate`` of the decoders takes as ``choose`` for these options."""
    from golden.llm.sampling import TopSampler

    return TopSampler(top, seed) if top > 1 else None


def sampling_at(temperature, top, seed):
    """What ``generate`` of the decoders takes as ``sampling``."""
    from golden.units.sampling import GREEDY, Sampling

    if temperature and top > 1:
        raise click.UsageError("--top and --temperature exclude each other: the accelerator draws from all tokens")
    return Sampling.of(temperature, seed) if temperature else GREEDY


system_option = click.option(
    "--system", metavar="TEXT", help="What a conversation begins with: the model's part in it."
)


def chat_options(command):
    """``--chat`` and ``--system``: the prompt is said to the model, which answers."""
    chat = click.option("--chat", is_flag=True, help="Answer the prompt, in the form of the model's own chat template.")
    return chat(system_option(command))


def lambda_options(command):
    """``--sinks`` and ``--window`` of the Λ-shaped attention."""
    window = click.option(
        "--window",
        type=click.IntRange(1),
        help="Last tokens attended to [default: the window that the model was trained with, or its context].",
    )
    sinks = click.option(
        "--sinks",
        type=click.IntRange(0),
        help="First tokens attended to as well [default: 4; 0 for a model that was trained with a window].",
    )
    return sinks(window(command))


def speculation_options(command):
    """``--speculate`` and ``--drafts``; see speculation_of()."""
    speculate = click.option(
        "--speculate",
        type=click.Choice(["none", "lookup", "heads", "auto"]),
        default="none",
        show_default=True,
        help="lookup: passes also try what followed the last tokens where they came before. The text stays the same. "
        "heads: what the model's draft head says comes next. auto: what was found, else the head's, if there is one "
        "that fits; none where that is not possible.",
    )
    drafts = click.option(
        "--drafts",
        type=click.IntRange(1, 14),
        help="Tokens that a pass tries at most [default: one per idle row].",
    )
    return speculate(drafts(command))


#: Backends that run all of the accelerator, or its model.
_WHOLE = ("golden", "verilator", "serial")


def speculation_of(speculate, drafts, config, backend="golden", top=1, traced=False):
    """``drafts`` and ``source`` of Accelerator, by name, with these options, or nothing; ``traced``: there is a
    ``--trace``. Raises UsageError where there can be no drafts."""
    from golden.machine.text import MOST_TOKENS

    if speculate == "none":
        if drafts is not None:
            raise click.UsageError("--drafts is for --speculate lookup, heads or auto")
        return {}
    reasons = {
        "--speculate is for the whole accelerator: --backend verilator, golden or --device": backend not in _WHOLE,
        "--top and --speculate exclude each other: the host draws after every pass": top > 1,
        "--trace and --speculate exclude each other: a traced pass has one token": traced,
        "--speculate needs a configuration with two rows or more": config.rows < 2,
    }
    against = [reason for reason, holds in reasons.items() if holds]
    if against and speculate == "auto":
        return {}
    if against:
        raise click.UsageError(against[0])
    most = min(config.rows, MOST_TOKENS) - 1
    if drafts is not None and drafts > most:
        raise click.UsageError(f"--drafts {drafts}: {config.rows} rows have room for {most} at most")
    return {"drafts": most if drafts is None else drafts, "source": speculate}


def trace_option(what):
    """``--trace``, repeatable, of ``what``; its value has been checked before the work begins."""
    return click.option(
        "--trace",
        "traces",
        metavar="FILE",
        multiple=True,
        callback=_writable,
        help=f"Also record {what} cycle by cycle; repeatable. The suffix says how: .json (Perfetto), .kanata or .log "
        "(Konata), .vcd (GTKWave), .html, .svg, .csv, or .npz, which `myhdl-acc trace` opens again.",
    )


def _writable(ctx, param, paths):
    if paths:
        from myhdl_acc.viz.run_file import require_formats

        require_formats(paths)
    return paths
