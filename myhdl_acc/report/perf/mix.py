"""Formats of a model's matrices as one text: ``w2``, or a mix such as ``w2,ffn_down=w4,layers.0=w8``."""

from golden.errors import InputError, shown
from golden.formats.matrix import PHASES


def parse_mix(text):
    """``(format, {part: format})``: of all matrices, and of those that ``part`` names, later ones first.

    Raises InputError for a text that is none, and for a format that does not exist.
    """
    first, *others = text.split(",")
    parts = {}
    for other in others:
        part, equals, kind = other.partition("=")
        if not part or not equals:
            raise InputError(f"perf: {shown(other)} in {shown(text)} is no part of a mix; one is ffn_down=w4")
        parts.pop(part, None)
        parts[part] = kind
    for kind in (first, *parts.values()):
        if kind not in PHASES:
            raise InputError(f"perf: no weight format {kind!r}; there are {', '.join(PHASES)}")
    return first, parts


def mixed(spec, first, parts):
    """``{matrix: format}`` of the layers' matrices of a ModelSpec for what parse_mix() returns.

    A part is a matrix of every layer (``ffn_down``), a layer (``layers.3``) or one matrix (``layers.3.ffn_down``).
    Raises InputError for one that the model does not have.
    """
    kinds = dict.fromkeys(spec.layer_sizes, first)
    for part, kind in parts.items():
        found = [name for name in kinds if part in (name, *_parts_of(name))]
        if not found:
            names = ", ".join(spec.layer_matrices)
            raise InputError(
                f"perf: no part {shown(part)} of a mix; there are {names}, layers.0 to layers.{spec.layers - 1}, and "
                "layers.0.ffn_down"
            )
        kinds |= dict.fromkeys(found, kind)
    return kinds


def _parts_of(name):
    """``(layers.3, ffn_down)`` of ``layers.3.ffn_down``."""
    return tuple(name.rsplit(".", 1))


def mix_text(first, parts):
    """The text of a mix: the inverse of parse_mix()."""
    return ",".join([first, *(f"{part}={kind}" for part, kind in parts.items() if kind != first)])
