"""A row's configuration as text, and the command that measures it again."""

from myhdl_acc.report.sweep.columns import CONFIG
from myhdl_acc.rtl.config import PRESETS


def nearest(row):
    """``(preset, {field: value})``: the preset from which the configuration of ``row`` differs least, and where."""
    return min(
        (
            (name, {field: row[field] for field in CONFIG if row[field] != getattr(preset, field)})
            for name, preset in PRESETS.items()
        ),
        key=lambda found: len(found[1]),
    )


def differences(row):
    """``u280 with lanes 16, prefetch 1024``."""
    preset, changed = nearest(row)
    if not changed:
        return preset
    return f"{preset} with " + ", ".join(f"{name} {value}" for name, value in changed.items())
