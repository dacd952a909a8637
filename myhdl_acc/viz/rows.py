"""Which rows a chart of tracks has, and in which order."""

from myhdl_acc.viz.palette import QUIET, TRACKS

_ORDER = {unit: place for place, unit in enumerate(TRACKS)}


def shown_rows(tracks):
    """Tracks in the order in which charts show them: by unit, then by lane and row; units without a place are last."""
    return sorted(tracks, key=lambda track: (_ORDER.get(track.unit, len(_ORDER)), track))


def folded_rows(occupancy):
    """{Track: state} of the tracks that need no row: they had nothing to do in any cycle, always the same state."""
    return {
        track: state
        for track in shown_rows(occupancy.counts)
        for state, *more in [tuple(occupancy.counts[track])]
        if not more and state in QUIET
    }


def folded_text(folded):
    """What folded_rows() gave as a sentence; empty if there is none."""
    by_state = {}
    for track, state in folded.items():
        by_state.setdefault(state, {}).setdefault(track.unit, []).append(track.label.removeprefix(track.unit).strip())
    parts = [
        f"{', '.join(f'{unit} {_span(labels)}'.rstrip() for unit, labels in units.items())} ({state})"
        for state, units in by_state.items()
    ]
    return f"Not drawn, the same in every cycle: {'; '.join(parts)}." if parts else ""


def _span(labels):
    return labels[0] if len(labels) == 1 else f"{labels[0]}–{labels[-1]}"
