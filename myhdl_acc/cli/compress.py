"""``myhdl-acc compress``."""

import os
import time

import click

from golden.files import require_writable
from golden.formats.matrix import PHASES
from myhdl_acc.cli.options import json_option, report_json


@click.command("compress")
@click.argument("model", metavar="MODEL")
@click.option("-o", "--output", "target", metavar="OUT.acc", required=True, help="Where the compressed model goes.")
@click.option(
    "--weights", type=click.Choice(list(PHASES)), default="w2", show_default=True, help="Format of the matrices."
)
@click.option(
    "--head",
    type=click.Choice(list(PHASES)),
    default="w8",
    show_default=True,
    help="Format of the embedding and the output head.",
)
@json_option
def command(model, target, weights, head, as_json):
    """Prune, quantise and pack a model.

    MODEL is glassllm, smollm2, or a Llama-like model as .gguf or .npz. w2 prunes to two weights of four.
    """
    from tqdm import tqdm

    from golden import container, models
    from golden.compress import compress

    require_writable(target)
    start = time.perf_counter()
    source = models.load(model)
    with tqdm(total=len(source.spec.tensors), unit="tensor", leave=False, disable=None) as bar:  # on a terminal
        compressed = compress(source, kind=weights, head=head, progress=lambda _: bar.update())
    container.save(compressed, target)
    seconds = time.perf_counter() - start
    bits = 8 * compressed.weight_bytes / sum(rows * cols for rows, cols in source.spec.matrices.values())
    size = os.path.getsize(target)
    if as_json:
        fields = {"parameters": source.spec.parameters, "bits_per_weight": round(bits, 3), "bytes": size}
        report_json({"output": target, "weights": weights, "head": head} | fields | {"seconds": round(seconds, 2)})
    else:
        click.echo(
            f"{source.spec.name}: {source.spec.parameters:,} parameters, {bits:.2f} bits per weight, "
            f"{size:,} bytes in {target}, {seconds:.1f} s"
        )
