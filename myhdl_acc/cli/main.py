"""The command line: the commands, and the one place where errors become a line and an exit code."""

import errno
import importlib
import os
import sys

import click

from golden.errors import InputError
from myhdl_acc.cli.exits import BAD_INPUT, INTERRUPTED, TERMINATED, Terminated, termination

COMMANDS = {
    "demo": "demo",
    "inspect": "inspect",
    "compress": "compress",
    "generate": "generate",
    "chat": "chat",
    "serve": "serve",
    "logits": "logits",
    "tokenize": "tokenize",
    "perplexity": "perplexity",
    "run-op": "run_op",
    "convert": "convert",
    "synth": "synth",
    "bitstream": "bitstream",
    "reports": "reports",
    "perf": "perf",
    "program": "program",
    "trace": "trace",
    "sweep": "sweep",
    "optimise": "optimise",
}
"""Command: its module in this package. A module is imported when its command is used, so that each starts fast."""

FAILED = 1
"""The exit code that says: the hardware or this program is wrong."""


class Interrupted(Exception):
    """Ctrl-C, as something that click passes on untouched."""


class Commands(click.Group):
    """A group whose commands are imported on demand."""

    def list_commands(self, ctx):
        return list(COMMANDS)

    def get_command(self, ctx, name):
        if name not in COMMANDS:
            return None
        return importlib.import_module(f"myhdl_acc.cli.{COMMANDS[name]}").command

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="myhdl_acc", prog_name="myhdl-acc")
@click.pass_context
def cli(ctx):
    """An open accelerator for long-context LLM decoding, in MyHDL: compress a model, run it on the simulated RTL,
    convert the RTL.

    Exit codes: 0 success, 1 the hardware disagrees with the golden model or breaks a rule, 2 bad input, 130 Ctrl-C, 143
    SIGTERM.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(argv=None):
    """Run one command; returns its exit code. Errors are one line on stderr."""
    if sys.stdout is not None:  # it is where the caller closed it
        sys.stdout.reconfigure(errors="replace")  # a terminal need not know every character that a model says
    try:
        with termination():
            result = cli.main(args=argv, prog_name="myhdl-acc", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except InputError as error:
        return _fail(str(error), BAD_INPUT)
    except click.ClickException as error:
        return _fail(error.format_message(), BAD_INPUT)
    except MemoryError:
        return _fail("not enough memory", BAD_INPUT)
    except (Interrupted, KeyboardInterrupt, click.Abort):
        return _fail("interrupted", INTERRUPTED)
    except Terminated:
        return _fail("terminated", TERMINATED)
    except OSError as error:
        # Files are the commands' business, so this is the output, where nothing can be written any more, not even by
        # the interpreter's exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if error.errno == errno.EPIPE:  # its reader has gone
            return FAILED
        return _fail(f"cannot write the output: {error.strerror}", BAD_INPUT)
    except Exception as error:
        if not _is_simulation_error(error):
            raise
        return _fail(str(error), FAILED)


def _is_simulation_error(error):
    """Whether the hardware misbehaved, simulated or real; what a command has not imported it cannot have seen."""
    errors = {"myhdl_acc.simulate.stimulus": "SimulationError", "myhdl_acc.driver.device": "DeviceError"}
    known = [getattr(sys.modules[module], name) for module, name in errors.items() if module in sys.modules]
    return isinstance(error, tuple(known))


def _fail(message, code):
    print("myhdl-acc: " + " ".join(message.split()), file=sys.stderr)
    return code
