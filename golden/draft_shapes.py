"""The matrices of a draft head (golden.llm.draft_head): names and shapes."""

from golden.errors import InputError

MATRICES = ("draft.token", "draft.gate", "draft.up", "draft.down", "draft.head")
TOKEN, GATE, UP, DOWN, HEAD = MATRICES
NO_HEAD = "draft head: the model has none; scripts/train_draft_head.py trains one"
_WIDEST = 1 << 16


def draft_shapes(spec, ffn):
    """``{name: (rows, cols)}`` of the matrices of a head for models of ``spec`` (ModelSpec), with a feed-forward of
    ``ffn`` values; none if that is 0."""
    if not ffn:
        return {}
    return {
        TOKEN: (spec.dim, spec.dim),
        GATE: (ffn, spec.dim),
        UP: (ffn, spec.dim),
        DOWN: (spec.dim, ffn),
        HEAD: (spec.vocab, spec.dim),
    }


def check_draft_shapes(spec, shapes):
    """Raises InputError unless matrices of ``shapes`` are a head for models of ``spec``, or there are none."""
    if not shapes:
        return
    ffn = shapes.get(GATE, (0,))[0]
    if shapes != draft_shapes(spec, ffn) or ffn > _WIDEST:
        found = ", ".join(f"{name} {rows} × {cols}" for name, (rows, cols) in sorted(shapes.items()))
        raise InputError(f"draft head: not one of this model (dim {spec.dim}, vocabulary {spec.vocab}): it has {found}")
