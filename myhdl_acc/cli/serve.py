"""``myhdl-acc serve``."""

import contextlib
import importlib
import os

import click

from golden.errors import InputError
from myhdl_acc.cli.options import config_option, lambda_options, speculation_of, speculation_options

DEVICES = ("golden", "verilator", "xrt")


@click.command("serve")
@click.argument("model", metavar="OUT.acc|NAME")
@click.option(
    "--device",
    type=click.Choice(DEVICES),
    default="golden",
    show_default=True,
    help="golden: the golden machine; verilator: the RTL of the whole accelerator; xrt: a card.",
)
@click.option("--xclbin", metavar="FILE", help="The linked kernel for --device xrt.")
@click.option("--card", type=click.IntRange(0), default=0, show_default=True, help="Number of the card for xrt.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0: a free one.")
@click.option("--name", help="What requests call the model [default: the file's name without .acc].")
@click.option(
    "--queue", "waiting", type=click.IntRange(0, 1 << 12), default=64, show_default=True,
    help="Requests that may wait beside those that are answered.",
)  # fmt: skip
@click.option(
    "--max-body", type=click.IntRange(1, 1 << 28), default=1 << 20, show_default=True, help="Bytes of a request."
)
@click.option(
    "--max-prompt", type=click.IntRange(1, 1 << 24), default=1 << 13, show_default=True, help="Tokens of a prompt."
)
@click.option(
    "--max-tokens", type=click.IntRange(1, 1 << 20), default=1 << 10, show_default=True, help="Tokens of an answer."
)
@config_option(None, "Configuration [default: u280 for xrt, otherwise demo]")
@click.option(
    "--batch", type=click.IntRange(2, 15), help="Texts at a time, each in a row of the configuration  [default: one]."
)
@lambda_options
@speculation_options
def command(
    model,
    device,
    xclbin,
    card,
    host,
    port,
    name,
    waiting,
    max_body,
    max_prompt,
    max_tokens,
    config,
    batch,
    sinks,
    window,
    speculate,
    drafts,
):
    """Serve a compressed model over HTTP, as OpenAI's interface: /v1/chat/completions, /v1/completions, /v1/models.

    One text is written at a time, or with --batch several. A conversation that goes on with what the cache holds costs
    its new tokens alone. Ctrl-C or SIGTERM ends it: whoever waits is told so.

    There is no key: whoever reaches the port may use it.
    """
    for needed in ("pydantic", "starlette", "uvicorn"):
        _require(needed)
    from golden.lambda_attention import LambdaRule
    from golden.llm.models import embedded
    from myhdl_acc.driver.batch import BatchAccelerator
    from myhdl_acc.rtl.config import AcceleratorConfig
    from myhdl_acc.serve.app import make_app
    from myhdl_acc.serve.batch_queue import BatchQueue
    from myhdl_acc.serve.endpoint import Limits
    from myhdl_acc.serve.queue import Queue
    from myhdl_acc.serve.served_accelerator import ServedAccelerator
    from myhdl_acc.serve.server import Server, listen
    from myhdl_acc.serve.writer import BatchWriter, Writer

    if (xclbin is None) == (device == "xrt"):
        raise click.UsageError("--xclbin FILE goes with --device xrt, and only with it")
    loaded = embedded.load(model)
    config = config or AcceleratorConfig.preset("u280" if device == "xrt" else "demo")
    if batch and speculate != "none":
        raise click.UsageError("--batch and --speculate exclude each other: a row has a text or a draft")
    speculation = speculation_of(speculate, drafts, config)
    name = name or os.path.basename(model).removesuffix(".acc")
    with listen(host, port) as socket, _open(device, config, xclbin, card) as opened:
        if batch:
            accelerator, kind = BatchAccelerator(opened, config, batch), BatchWriter
        else:
            accelerator, kind = ServedAccelerator(opened, config, **speculation), Writer
        accelerator.load(loaded, LambdaRule.of(loaded.spec, sinks, window))
        queue = BatchQueue(accelerator, waiting, loaded.tokenizer.rules.end) if batch else Queue(accelerator, waiting)
        app = make_app(kind(name, loaded, accelerator), queue, Limits(max_body, max_prompt, max_tokens))
        address = f"[{host}]" if ":" in host else host
        click.echo(f"{name} on http://{address}:{socket.getsockname()[1]}/v1")
        try:
            Server(app, queue).run(sockets=[socket])
        finally:
            queue.join()


def _require(package):
    """Raise InputError without a package of the extra ``serve``."""
    try:
        importlib.import_module(package)
    except ImportError:
        raise InputError(f"serve: Python has no {package}; pip install 'myhdl_acc[serve]'") from None


def _open(device, config, xclbin, card):
    """The Device of that name, as a context."""
    if device == "verilator":
        from myhdl_acc.driver.simulation_device import SimulationDevice

        return SimulationDevice(config, "hbm2")
    if device == "xrt":
        from myhdl_acc.driver.xrt_device import XrtDevice

        return contextlib.nullcontext(XrtDevice(config, xclbin, card))
    from myhdl_acc.driver import GoldenDevice

    return contextlib.nullcontext(GoldenDevice(config))
