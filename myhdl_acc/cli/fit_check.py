"""What cannot fit is said before any work."""

import click

from golden.errors import InputError


def check_fit(spec, weights, head, config, note=True):
    """Raise InputError if a model of ``spec``, in formats ``weights`` and ``head`` as Shape.of() takes them, fits
    ``config`` with no window at all; with ``note`` say on stderr which windows fit, if that is not the rule's own.
    Without a ``config`` (None) only say there if it fits no preset.
    """
    from golden.lambda_attention import LambdaRule
    from myhdl_acc.report.perf.fit import fit
    from myhdl_acc.report.perf.shapes import Shape
    from myhdl_acc.rtl.config import PRESETS

    shape, rule = Shape.of(spec, weights, head), LambdaRule.of(spec)
    if config is None:
        if not any(fit(shape, rule, preset).largest_window for preset in reversed(PRESETS.values())):
            click.echo(f"note: the model fits none of {', '.join(PRESETS)}; inspect says why", err=True)
        return
    found = fit(shape, rule, config)
    if found.largest_window is None:
        raise InputError(found.reason)
    if note and found.reason is not None:
        click.echo(f"note: it fits with --window {found.largest_window} at most: {found.reason}", err=True)
