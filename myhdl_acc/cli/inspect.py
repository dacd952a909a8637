"""``myhdl-acc inspect``."""

import json

import click

from golden.errors import InputError
from myhdl_acc.cli.options import json_option, lambda_options, load_config, report_json
from myhdl_acc.rtl.config import PRESETS


@click.command("inspect")
@click.argument("model", metavar="MODEL|OUT.acc")
@click.option("--config", metavar="PRESET|FILE", help="Another configuration besides the presets: a JSON file.")
@lambda_options
@json_option
def command(model, config, sinks, window, as_json):
    """What a model is, and which configurations it fits, before any work: no weights are read.

    MODEL is a name, a .gguf or .npz file, or a Hugging Face directory, of which config.json suffices. Fits are those of
    compress's formats, embedding and head in w8; an .acc has its own. Where the window does not fit, the longest is
    said that does. A tokenizer that compress would refuse is shown as `refused`, with the reason.
    """
    from golden.lambda_attention import LambdaRule
    from golden.llm import models

    configs = dict(PRESETS) if config is None or config in PRESETS else PRESETS | {config: load_config(config)}
    outline = models.outline(model)
    rule = LambdaRule.of(outline.spec, sinks, window)
    fields = {"model": model} | _sizes(outline) | {"tokenizer": _tokenizer(model)} | _formats(outline)
    fields |= {"attention": {"sinks": rule.sinks, "window": rule.window}, "fits": _fits(outline, rule, configs)}
    if as_json:
        report_json(fields)
    else:
        _show(fields)


def _sizes(outline):
    spec = outline.spec
    return {
        "name": spec.name,
        "family": outline.spec.family,
        "parameters": spec.parameters,
        "layers": spec.layers,
        "dim": spec.dim,
        "heads": spec.heads,
        "kv_heads": spec.kv_heads,
        "head_dim": spec.head_dim,
        "stored_head_dim": outline.head_dim,
        "ffn": spec.ffn,
        "vocab": spec.vocab,
        "context": spec.context,
        "trained_window": spec.window,
        "tied": spec.tied,
        "biased": spec.biased,
        "head_norms": spec.head_norms,
        "rope": _rope(spec),
    }


def _rope(spec):
    """``plain`` are the frequencies that the base alone gives to the elements that turn, be there others besides."""
    import numpy as np

    found = spec.frequencies(1)
    found = found[found != 0]
    plain = spec.rope_base ** (-np.arange(found.size) / max(1, found.size))
    kind = "by length" if spec.long_rope_factors else "plain" if np.allclose(found, plain, 1e-9, 0) else "scaled"
    return {
        "kind": kind,
        "base": spec.rope_base,
        "turned": 2 * found.size,
        "unrotated_layers": len(spec.unrotated),
    }


def _tokenizer(model):
    """What the model's tokenizer is, or why it cannot be used."""
    from golden.llm.models.text import load_tokenizer

    try:
        tokenizer = load_tokenizer(model)
    except InputError as error:
        return {"refused": str(error)}
    description = json.loads(tokenizer.json)
    details = [
        name
        for name, there in {
            "byte-level": '"ByteLevel"' in json.dumps([description["pre_tokenizer"], description["decoder"]]),
            "byte fallback": description["model"].get("byte_fallback", False),
        }.items()
        if there
    ]
    rules = tokenizer.rules
    return {
        "kind": ", ".join([description["model"]["type"], *details]),
        "tokens": tokenizer.size,
        "before": list(rules.before),
        "end": list(rules.end),
        "chat_template": rules.template is not None,
    }


def _formats(outline):
    bits = {}
    for kind in outline.types if outline.kinds else ():
        sizes = [rows * cols for name, (rows, cols) in outline.spec.matrices.items() if outline.kinds[name] == kind]
        bits[kind] = round(8 * outline.types[kind] / sum(sizes), 3)
    return {"types": outline.types, "bits_per_weight": bits or None}


def _fits(outline, rule, configs):
    from golden.formats.matrix import PHASES
    from myhdl_acc.report.perf.fit import fit
    from myhdl_acc.report.perf.shapes import Shape

    if outline.kinds:
        shapes = {"own": Shape(outline.spec, outline.kinds)}
    else:
        shapes = {weights: Shape.of(outline.spec, weights, "w8") for weights in PHASES}
    found = []
    for name, config in configs.items():
        for weights, shape in shapes.items():
            one = fit(shape, rule, config)
            found.append(
                {
                    "config": name,
                    "weights": weights,
                    "fits": one.reason is None,
                    "reason": one.reason,
                    "largest_window": one.largest_window,
                    "channel_bytes": one.channel_bytes,
                }
            )
    return found


def _show(fields):
    stored = fields["stored_head_dim"]
    padding = f" (of which {stored} are the model's)" if stored not in (None, fields["head_dim"]) else ""
    rope, attention = fields["rope"], fields["attention"]
    extras = [name for name in ("tied", "biased", "head_norms") if fields[name]]
    trained = "" if fields["trained_window"] is None else f", trained with a window of {fields['trained_window']:,}"
    lines = {
        "model": f"{fields['name']!r}, {fields['family'] or 'no family named'}, {fields['parameters']:,} parameters",
        "layers": f"{fields['layers']} of {fields['dim']:,}, ffn {fields['ffn']:,}",
        "heads": f"{fields['heads']} on {fields['kv_heads']} key/value heads, {fields['head_dim']} elements{padding}",
        "vocabulary": f"{fields['vocab']:,}",
        "context": f"{fields['context']:,}{trained}",
        "RoPE": f"{rope['kind']}, base {rope['base']:g}, turns {rope['turned']} elements of a head"
        + (f", not in {rope['unrotated_layers']} layers" if rope["unrotated_layers"] else ""),
        "besides": ", ".join(extras) or "nothing",
        "tokenizer": _tokenizer_line(fields["tokenizer"]),
        "tensors": ", ".join(f"{kind} {size:,} bytes" for kind, size in fields["types"].items()) or "not there",
    }
    if fields["bits_per_weight"]:
        rates = fields["bits_per_weight"].items()
        lines["formats"] = ", ".join(f"{kind} {bits:g} bits a weight" for kind, bits in rates)
    for name, text in lines.items():
        click.echo(f"{name:<11} {text}")
    click.echo(f"\nWith {attention['sinks']} sinks and a window of {attention['window']:,}:")
    for one in fields["fits"]:
        click.echo(f"{one['config']:<6} {one['weights']:<4} {_fit_line(one)}")


def _tokenizer_line(tokenizer):
    if "refused" in tokenizer:
        return f"refused: {tokenizer['refused']}"
    template = "a chat template" if tokenizer["chat_template"] else "no chat template"
    return (
        f"{tokenizer['kind']}, {tokenizer['tokens']:,} tokens, {tokenizer['before'] or 'nothing'} before a prompt, "
        f"{tokenizer['end'] or 'nothing'} ends a text, {template}"
    )


def _fit_line(one):
    from myhdl_acc.program.memory_map import CHANNEL_BYTES

    size = one["channel_bytes"]
    used = "" if size is None else f"{size / (1 << 20):.1f} of {CHANNEL_BYTES >> 20} MiB a channel"
    if one["fits"]:
        return f"fits: {used}"
    if one["largest_window"] is None:
        return f"no: {one['reason']}"
    return f"with a window of {one['largest_window']:,} at most ({used}): {one['reason']}"
