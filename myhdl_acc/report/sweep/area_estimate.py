"""What a configuration takes of the card, from syntheses of others: quick enough for a search."""

import re
from dataclasses import astuple, dataclass, fields, replace

from myhdl_acc.report.sweep.columns import CONFIG
from myhdl_acc.report.sweep.point import resource_columns
from myhdl_acc.report.synthesis import Resources, synthesise
from myhdl_acc.rtl.config import AcceleratorConfig

_NAMES = tuple(field.name for field in fields(Resources))


def unit_areas(design_of, config):
    """``{unit: Resources}`` of ``design_of(config)``; entities whose names differ by a number are one unit.

    Raises ConversionError for what Yosys refuses.
    """
    units = {}
    for block in synthesise(design_of(config)).blocks:
        unit = re.sub(r"_\d+$", "", block.name)
        units[unit] = units.get(unit, Resources()) + block.own * block.instances
    return units


@dataclass(frozen=True)
class AreaEstimate:
    """``base``, and ``areas`` of it and of each configuration that differs from it in one field (unit_areas())."""

    base: AcceleratorConfig
    areas: dict

    def __call__(self, config):
        """The columns that say what ``config`` takes. Of one in ``areas`` they are what was synthesised; otherwise each
        unit grows by the product of what each field alone makes of it.
        """
        if config in self.areas:
            return resource_columns(sum(self.areas[config].values(), Resources())) | {"area": "synthesised"}
        base = self.areas[self.base]
        alone = [self.areas[one] for one in one_field_each(self.base, config)]
        units = dict.fromkeys(name for areas in (base, *alone) for name in areas)
        total = sum((_product(base.get(unit), [areas.get(unit) for areas in alone]) for unit in units), Resources())
        return resource_columns(total) | {"area": "estimated"}


def estimate_for(client, design_of, base, fields, progress=lambda: None):
    """The AreaEstimate for ``base`` and ``fields`` ({field: values}), from syntheses on workers of ``client``.

    ``progress()`` is called after each. Raises as unit_areas().
    """
    changed = [replace(base, **{field: value}) for field, values in fields.items() for value in values]
    futures = {config: client.submit(unit_areas, design_of, config, pure=False) for config in [base, *changed]}
    try:
        areas = {}
        for config, future in futures.items():
            areas[config] = future.result()
            progress()
        return AreaEstimate(base, areas)
    finally:
        client.cancel(list(futures.values()))


def one_field_each(base, config):
    """The configurations that have one of the fields in which ``config`` differs, and are ``base`` otherwise."""
    values = {field: getattr(config, field) for field in CONFIG}
    own = {field: getattr(base, field) for field in CONFIG}
    return [AcceleratorConfig(**own | {field: values[field]}) for field in CONFIG if values[field] != own[field]]


def _product(base, alone):
    """The Resources of a unit that takes ``base`` in the base, and each of ``alone`` with one field changed; None where
    there is no such unit.
    """
    base = astuple(base or Resources())
    counts = [float(count) for count in base]
    for other in alone:
        for index, count in enumerate(astuple(other or Resources())):
            # What the base has none of is there as soon as any field asks for it.
            counts[index] = counts[index] * count / base[index] if base[index] else max(counts[index], count)
    return Resources(**dict(zip(_NAMES, counts, strict=True)))
