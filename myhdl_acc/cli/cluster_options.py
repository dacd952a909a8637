"""Where ``sweep`` and ``optimise`` measure points, and what they need for it."""

import importlib

import click

scheduler_option = click.option(
    "--scheduler", metavar="URL", help="A Dask scheduler, tcp://HOST:8786  [default: processes of this machine]"
)
workers_option = click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes of this machine  [default: one per core]"
)


def require_one(scheduler, workers):
    """A usage error where both are given."""
    if scheduler and workers:
        raise click.UsageError("--workers is of this machine: not with --scheduler")


def require_installed(*modules):
    """A usage error that says how to install one of ``modules`` that is missing."""
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            raise click.UsageError(f"{module} is not installed; pip install 'myhdl_acc[sweep]'") from None
