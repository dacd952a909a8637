"""SmolLM3: every fourth layer has no RoPE (arXiv 2501.18795)."""

from golden.errors import InputError
from golden.llm.models.families.family import Family, Variant


def _variant(constants, layers):
    interval = constants.positive("no_rope_layer_interval", 4)
    rotated = constants.take("no_rope_layers", list, [(layer + 1) % interval for layer in range(layers)])
    if len(rotated) != layers or not all(isinstance(value, int) for value in rotated):
        label = constants.label("no_rope_layers")
        raise InputError(f"{constants.path}: {label} must be {layers} numbers, 0 for a layer without RoPE")
    return Variant(unrotated=tuple(layer for layer, value in enumerate(rotated) if not value))


_DEFAULTS = {"rope_theta": 2e6}
FAMILY = Family("smollm3", _variant, interleaved=True, window_switch=True, tied=True, defaults=_DEFAULTS)
