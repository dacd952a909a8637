"""``myhdl-acc compress``."""

import os
import time

import click

from golden.files import require_writable
from golden.formats.matrix import PHASES
from golden.llm.compress.calibrate import TOKENS
from golden.llm.compress.compress import METHODS
from myhdl_acc.cli.calibration import bar, directories, losses_of, sequences_of
from myhdl_acc.cli.fit_check import check_fit
from myhdl_acc.cli.options import config_option, json_option, report_json
from myhdl_acc.cli.text_file import read_text

_ROTATED = ("w4", "w8")  # where rotation gains accuracy; docs/compression.md has the figures


@click.command("compress")
@click.argument("model", metavar="MODEL")
@click.option("-o", "--output", "target", metavar="OUT.acc", required=True, help="Where the compressed model goes.")
@click.option("--weights", type=click.Choice(list(PHASES)), help="Format of the matrices  [default: w2]")
@click.option(
    "--budget",
    type=click.FloatRange(2),  # as many as w2 takes
    metavar="BITS",
    help="Instead of --weights: a format for every matrix, so that the measured loss is least within an average of "
    "BITS per weight (w2 takes 2, w4 4.25, w8 8; embedding and head are not counted).",
)
@click.option(
    "--head",
    type=click.Choice(list(PHASES)),
    default="w8",
    show_default=True,
    help="Format of the embedding and the output head.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="gptq",
    show_default=True,
    help="nearest: each weight on its own. wanda: weighed by its input. gptq: errors are compensated by later weights.",
)
@click.option(
    "--rotate/--no-rotate",
    default=None,
    help="Spread outliers by rotations folded into the weights; a tied model gets a head of its own  "
    "[default: in gptq with w4 or w8]",
)
@click.option(
    "--calibration",
    metavar="TEXTFILE",
    help="Text like what the model will read, at least 512 tokens  [default: what the model writes]",
)
@click.option(
    "--calibration-tokens",
    type=click.IntRange(1),
    default=TOKENS,
    show_default=True,
    help="How much of it is used. More is better and takes longer.",
)
@config_option(None, "Refuse a model that cannot fit this configuration")
@json_option
def command(model, target, weights, budget, head, method, rotate, calibration, calibration_tokens, config, as_json):
    """Prune, quantise and pack a model.

    MODEL is glassllm, smollm2, a .gguf or .npz file, or a Hugging Face directory (docs/models.md). w2 prunes to two
    weights of four. Run again, a compression that was interrupted goes on after the last finished layer, to the same
    result.
    """
    from golden.formats.matrix import stored_bytes
    from golden.llm import container, models
    from golden.llm.compress import compression
    from golden.llm.compress.kept_layers import KeptLayers

    if budget is not None and (weights is not None or method != "gptq"):
        raise click.UsageError("--budget chooses the formats itself, for --method gptq: it goes with no other")
    weights = weights or "w2"
    rotate = method == "gptq" and budget is None and weights in _ROTATED if rotate is None else rotate
    models.require_apart(target, model)
    require_writable(target, inputs=[*models.files(model), *filter(None, [calibration])])
    start = time.perf_counter()
    source = models.load(model)
    check_fit(source.spec, weights, head, config, note=budget is None)  # nothing takes less than w2
    text = None if calibration is None else read_text(calibration)
    directory = directories(model, text, calibration_tokens)
    kept = KeptLayers(directory(budget or weights, head, method, rotate))
    sequences = None if method == "nearest" else sequences_of(source, text, calibration_tokens, kept)
    # What each matrix loses does not depend on the budget, and stays for the next one.
    kinds = weights if budget is None else _kinds(source, budget, rotate, sequences, KeptLayers(directory(rotate)))
    if budget is not None and config is not None:
        check_fit(source.spec, kinds, head, config)
    with bar(len(source.spec.tensors) + (rotate and source.spec.tied), "tensor", "compressing") as shown:
        made = compression(
            source, kinds, head, method, rotate, sequences, progress=lambda _: shown.update(), kept_layers=kept
        )
        container.write(target, made.spec, made.tokenizer, made.kinds, made.norms, made.parts)
    kept.remove()
    seconds = time.perf_counter() - start
    shapes = made.spec.matrices
    stored = sum(stored_bytes(made.kinds[name], *shape) for name, shape in shapes.items())
    bits = 8 * stored / sum(rows * cols for rows, cols in shapes.values())
    size = os.path.getsize(target)
    if as_json:
        fields = {"parameters": source.spec.parameters, "bits_per_weight": round(bits, 3), "bytes": size}
        used = {"weights": weights if budget is None else kinds, "head": head, "method": method, "rotated": rotate}
        report_json({"output": target} | used | fields | {"seconds": round(seconds, 2)})
    else:
        click.echo(
            f"{source.spec.name}: {source.spec.parameters:,} parameters, {bits:.2f} bits per weight, "
            f"{size:,} bytes in {target}, {seconds:.1f} s"
        )


def _kinds(source, budget, rotate, sequences, kept):
    """The formats that lose least within the budget."""
    from golden.llm.compress.allocate import allocate
    from golden.llm.compress.rotate import rotate as rotated

    return allocate(losses_of(rotated(source) if rotate else source, sequences, kept), source.spec.layer_sizes, budget)
