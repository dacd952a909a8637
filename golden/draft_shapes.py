"""The matrices of a draft head (golden.llm.draft_head): names and shapes."""

from dataclasses import dataclass

from golden.errors import InputError

MATRICES = ("draft.token", "draft.gate", "draft.up", "draft.down", "draft.head")
TOKEN, GATE, UP, DOWN, HEAD = MATRICES
NO_HEAD = "draft head: the model has none; scripts/train_draft_head.py trains one"
_WIDEST = 1 << 16


@dataclass(frozen=True)
class DraftSize:
    """``ffn`` values in the feed-forward of a draft head, whose drafts are of the first ``vocab`` tokens; both are 0 of
    a model without one."""

    ffn: int = 0
    vocab: int = 0

    def __bool__(self):
        return self.ffn > 0


NO_SIZE = DraftSize()


def draft_shapes(spec, size):
    """``{name: (rows, cols)}`` of the matrices of a head of ``size`` (DraftSize) for models of ``spec`` (ModelSpec);
    none if there is none."""
    if not size:
        return {}
    return {
        TOKEN: (spec.dim, spec.dim),
        GATE: (size.ffn, spec.dim),
        UP: (size.ffn, spec.dim),
        DOWN: (spec.dim, size.ffn),
        HEAD: (size.vocab, spec.dim),
    }


def check_draft_shapes(spec, shapes):
    """Raises InputError unless matrices of ``shapes`` are a head for models of ``spec``, or there are none."""
    if not shapes:
        return
    size = DraftSize(shapes.get(GATE, (0,))[0], shapes.get(HEAD, (0,))[0])
    if shapes != draft_shapes(spec, size) or size.ffn > _WIDEST or not 0 < size.vocab <= spec.vocab:
        found = ", ".join(f"{name} {rows} × {cols}" for name, (rows, cols) in sorted(shapes.items()))
        raise InputError(f"draft head: not one of this model (dim {spec.dim}, vocabulary {spec.vocab}): it has {found}")
