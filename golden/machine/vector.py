"""The vector unit: a column of int32 words for every lane and row, and what its instructions do with them.

Element n of a vector lies in column ``n mod lanes`` at index ``n // lanes`` (docs/accelerator.md, Columns).
"""

import numpy as np

from golden.layout import HeadLanes, spread
from golden.machine.fault import MachineFault, Made
from golden.machine.parameters import word_gamma, word_scale, word_value, word_zero
from golden.numerics import FRACTION, Scale
from golden.units.argmax import argmax
from golden.units.attention_output import without_zeros
from golden.units.attention_scores import without_zero
from golden.units.kv_quantise import kv_level
from golden.units.kv_step import ZERO_FRACTION, kv_step
from golden.units.quantise import quantise_level
from golden.units.quantise_step import quantise_step
from golden.units.requantise import requantise
from golden.units.residual_add import residual_add
from golden.units.resolve import FAR, NEAR, SLOTS
from golden.units.rms_drop import rms_drop
from golden.units.rms_factor import rms_factor
from golden.units.rms_gain import PLACES, rms_gain
from golden.units.rms_lift import rms_lift
from golden.units.rms_scale import rms_scale
from golden.units.rms_square import rms_square
from golden.units.rms_unit import block_scale, rms_unit
from golden.units.rope import rope
from golden.units.rope_angle import cosine_sine
from golden.units.sampling import GREEDY
from golden.units.silu_mul import silu_mul
from golden.units.softmax import numerator, softmax_reference, value_bound
from golden.units.total_inverse import total_inverse
from golden.units.value_probs import value_weight

_LEAST = -(1 << 31)
_LEAST_BOUND = -(1 << 33)
_EXPONENT_BITS = 10

#: Which slots count, by ``part``, beside those that are not filled.
_PARTS = {NEAR: np.greater_equal, FAR: np.less}


class _State:
    """Registers that instructions leave for later ones."""

    def __getattr__(self, name):
        raise MachineFault(f"{name} is used before anything made it")

    def made(self, name, otherwise):
        """What is there, or ``otherwise``."""
        return vars(self).get(name, otherwise)

    def forget(self, name):
        """Let it fail to read what is there, if anything is."""
        vars(self).pop(name, None)


class VectorUnit:
    """``depth`` words in each column; ``buffer`` ActivationBuffer, ``results`` Results, ``slices`` Slices.

    ``table``: per entry (a head) the arrays (rows,) that loads and scores need: ``step``, ``inverse``, ``zero``,
    ``sum``; and for norms of heads ``drop``, or ``norm_inverse`` and ``norm_places`` alone.
    """

    def __init__(self, memory, rows, atoms, depth, buffer, results, slices, table):
        self._memory = memory
        self._lanes = memory.lanes
        self._rows = rows
        self._atoms = atoms
        self._buffer = buffer
        self._results = results
        self._slices = slices
        self._table = table
        self._angles = Made("angle")  # (bank, pair) → (cosine, sine) (rows,)
        self._values = np.zeros((rows, self._lanes, depth), np.uint32)
        self.words = np.zeros((rows, self._lanes, depth), np.int64)
        self._known = np.zeros((rows, self._lanes, depth), bool)
        self.token = np.zeros(rows, np.int64)
        self.samplings = [GREEDY] * rows  #: how the rows' tokens are chosen
        self.positions = range(rows)  #: of the rows' tokens in this pass
        self._state = _State()

    def forget(self, angles):
        """Let reading fail where nothing is written from now on; ``angles``: of them, too."""
        self._known[:] = False
        self._state = _State()
        self._table.clear()
        if angles:
            self._angles.clear()

    def execute(self, instruction):
        """Returns what was written, by name."""
        return getattr(self, "_do_" + instruction.op)(instruction)

    # Access to the columns

    def _read(self, i, name="src"):
        """Elements (rows, count · lanes) from word ``src`` on."""
        part = self._part(i, name)
        if not self._known[:, :, part].all():
            raise MachineFault(f"vector.{i.op}: words {part.start} … {part.stop - 1} are read but not all written")
        return self.words[:, :, part].swapaxes(1, 2).reshape(self._rows, -1)

    def _write(self, i, values, rows=None):
        """Elements (rows, count · lanes) to word ``dst`` on, in all rows or those that ``rows`` (rows,) says."""
        columns = values.reshape(self._rows, -1, self._lanes).swapaxes(1, 2)
        where = True if rows is None else np.broadcast_to(rows[:, None, None], columns.shape)
        return self._write_columns(i, columns, where)

    def _late(self, i):
        """The rows from the instruction's on."""
        return np.arange(self._rows) >= i["row"]

    def _write_columns(self, i, values, where=True):
        """``values`` (rows, lanes, count) to word ``dst`` on, where ``where`` holds."""
        part = self._part(i, "dst")
        self.words[:, :, part] = np.where(where, values, self.words[:, :, part])
        self._known[:, :, part] |= where
        return {"memory": self.words[:, :, part].copy()}

    def _part(self, i, name):
        part = slice(i[name], i[name] + i["count"])
        if part.stop > self.words.shape[2] or i["count"] == 0:
            raise MachineFault(f"vector.{i.op}: words {part.start} … {part.stop - 1} of {self.words.shape[2]}")
        return part

    def _take(self, i):
        """Sums and parameters of the next operation in the order of elements: (rows, N) and (N,)."""
        sums, parameters = self._results.take(i["count"])
        return sums.swapaxes(1, 2).reshape(self._rows, -1), parameters.T.reshape(-1)

    def _requantised(self, i):
        sums, parameters = self._take(i)
        step = Scale(self._state.step.mantissa[:, None], self._state.step.exponent[:, None])
        return requantise(sums, step * word_scale(parameters))

    # Running statistics

    def _accumulate(self, i, name, value, join, start):
        old = np.full_like(value, start) if i["first"] else getattr(self._state, name)
        setattr(self._state, name, join(old, value))

    def _statistic(self, i, name, value, join, start):
        """A statistic (rows, lanes) of the rows that an instruction concerns; the last one is of a head's lanes."""
        kept = self._state.made(name, np.full_like(value, start))
        self._accumulate(i, name, value, join, start)
        value = getattr(self._state, name)
        if i["last"]:
            value = self._over_head(i, value, join)
        setattr(self._state, name, np.where(self._concerned(i)[:, None], value, kept))

    def _concerned(self, i):
        """The rows (rows,) that an instruction concerns: all, or the one that it is for ``alone``."""
        number = np.arange(self._rows)
        return number == i["alone"] - 1 if i["alone"] else number >= 0

    def _peak(self, i, values):
        self._accumulate(i, "peak", np.abs(values).max(-1), np.maximum, 0)
        return {"peak": self._state.peak.copy()}

    def _peak_of(self, i, values, rows):
        """The same in those ``rows`` (rows,) alone."""
        old = np.zeros(self._rows, np.int64) if rows.all() and i["first"] else self._state.peak
        old = np.where(rows & bool(i["first"]), 0, old)
        self._state.peak = np.where(rows, np.maximum(old, np.abs(values).max(-1)), old)
        return {"peak": self._state.peak.copy()}

    def _over_head(self, i, values, join):
        """``values`` (rows, lanes) joined over the lanes of each head."""
        by_head = values.reshape(self._rows, -1, 1 << i["heads_log2"])
        joined = join.reduce(by_head, axis=1, keepdims=True)
        return np.broadcast_to(joined, by_head.shape).reshape(values.shape).copy()

    # The residual stream, products and norms

    def _do_embed(self, i):
        _, parameters = self._take(i)
        value = np.broadcast_to(word_value(parameters), (self._rows, parameters.size))
        late = self._late(i)
        return self._write(i, value, late) | self._peak_of(i, value, late)

    def _do_add(self, i):
        y = residual_add(self._read(i), self._requantised(i))
        return self._write(i, y) | self._peak(i, y)

    def _do_requantise(self, i):
        return self._write(i, self._requantised(i), self._late(i))

    def _do_bias(self, i):
        _, parameters = self._take(i)
        return self._write(i, np.broadcast_to(word_value(parameters), (self._rows, parameters.size)), self._late(i))

    def _do_offset(self, i):
        return self._write(i, residual_add(self._read(i), self._requantised(i)), self._late(i))

    def _do_silu(self, i):
        y = silu_mul(self._read(i), self._requantised(i))
        return self._write(i, y) | self._peak(i, y)

    def _do_norm(self, i):
        _, parameters = self._take(i)
        x, peak = self._read(i), self._state.peak
        drop, lift = rms_drop(peak), rms_lift(peak)
        unit = rms_unit(x, *block_scale(drop[:, None]))
        y = rms_gain(unit, *word_gamma(parameters), PLACES - lift[:, None])
        self._accumulate(i, "total", rms_square(unit).sum(-1), np.add, 0)
        self._accumulate(i, "normed_peak", np.abs(y).max(-1), np.maximum, 0)
        if i["last"]:
            self._state.peak = self._state.normed_peak
            self._state.factor = rms_factor(*rms_scale(self._state.total, i["eps"], drop), drop, lift)
        return self._write(i, y) | {"total": self._state.total.copy(), "peak": self._state.normed_peak.copy()}

    def _do_quantise(self, i):
        step, inverse = quantise_step(self._state.peak)
        self._state.step = step * self._state.factor if i["scaled"] else step
        x = self._read(i)
        q = quantise_level(x, _across(inverse))
        self._buffer.write(i["dst"], q)
        return {"buffer": q, "step": self._state.step}

    # Rotation, and the table of heads

    def _do_angle(self, i):
        angle = cosine_sine(i["position"], np.array([i["increment"]]))
        old = self._angles.get((i["bank"], i["pair"]), (np.zeros(self._rows, np.int64),) * 2)
        late = self._late(i)
        angle = tuple(np.where(late, new, kept) for new, kept in zip(angle, old, strict=True))
        self._angles[i["bank"], i["pair"]] = angle
        return {"angle": angle}

    def _rotated(self, i):
        """Heads (rows, heads, dims), rotated."""
        x = self._heads(i, self._read(i))
        cosine, sine = (
            np.stack([self._angles[i["bank"], pair][part] for pair in range(i["dims"] // 2)], axis=-1)
            for part in (0, 1)
        )
        return rope(x, cosine[:, None], sine[:, None])

    def _heads(self, i, x):
        if i["dims"] == 0 or x.shape[1] % i["dims"]:
            raise MachineFault(f"vector.{i.op}: {x.shape[1]} elements are no heads of {i['dims']}")
        return x.reshape(self._rows, -1, i["dims"])

    def _enter(self, i, **arrays):
        """``arrays`` (rows, heads; or Scales) to the entries of the heads, instead of all but their sums if need be."""
        for head in range(i["count"] * self._lanes // i["dims"]):
            entry = self._table.setdefault(i["entry"] + head, Made(f"table entry {i['entry'] + head}:"))
            for name in set(entry) - {"sum"} if "sum" not in arrays else ():
                del entry[name]
            entry.update({name: array[:, head] for name, array in arrays.items()})
        return {"table": arrays}

    def _do_rope(self, i):
        y = self._rotated(i)
        step, inverse = quantise_step(np.abs(y).max(-1))
        return self._write(i, y) | self._enter(i, step=step, inverse=inverse)

    def _do_rope_key(self, i):
        y = self._rotated(i)
        return self._write(i, y) | self._enter_range(i, y)

    def _do_range(self, i):
        return self._enter_range(i, self._heads(i, self._read(i)))

    def _enter_range(self, i, y):
        low, high = np.minimum(y.min(-1), 0), np.maximum(y.max(-1), 0)
        step, inverse, zero = kv_step(low, high)
        return self._enter(i, step=step, inverse=inverse, zero=zero)

    def _do_head_peak(self, i):
        peak = np.abs(self._heads(i, self._read(i))).max(-1)
        step, inverse = quantise_step(peak)
        return self._enter(i, step=step, inverse=inverse, drop=rms_drop(peak))

    def _do_head_square(self, i):
        drop = self._of_heads(i, "drop")
        unit = rms_unit(self._heads(i, self._read(i)), *block_scale(drop))
        inverse, places = rms_scale(rms_square(unit).sum(-1), i["eps"], drop[..., 0])
        self._state.forget("factor")
        return self._enter(i, norm_inverse=inverse, norm_places=places)

    def _do_head_norm(self, i):
        _, parameters = self._take(i)
        x = self._heads(i, self._read(i))
        weights = (self._heads(i, np.broadcast_to(part, (self._rows, part.size))) for part in word_gamma(parameters))
        scale = (self._of_heads(i, name) for name in ("norm_inverse", "norm_places"))
        return self._write(i, rms_gain(rms_unit(x, *scale), *weights))

    def _of_heads(self, i, name):
        """``name`` of the entries of all heads, (rows, heads, 1)."""
        heads = i["count"] * self._lanes // i["dims"]
        return _across(_stack([self._table[i["entry"] + head][name] for head in range(heads)]))

    def _do_quantise_query(self, i):
        x = self._heads(i, self._read(i))
        q = quantise_level(x, self._of_heads(i, "inverse"))
        self._buffer.write(i["dst"], q.reshape(self._rows, -1))
        return {"buffer": q} | self._enter(i, sum=q.sum(-1, dtype=np.int64))

    def _do_quantise_kv(self, i):
        x = self._heads(i, self._read(i))
        q = kv_level(x, self._of_heads(i, "inverse"), self._of_heads(i, "zero"))
        self._buffer.write(i["dst"], q.reshape(self._rows, -1))
        return {"buffer": q}

    # Attention

    def _slots(self, i, count):
        return HeadLanes(self._lanes, i["heads_log2"], 16 * self._atoms).slots(count)

    def _valid(self, i):
        """Which tokens (rows, lanes, count) are met."""
        slots = self._slots(i, i["count"])
        row = np.minimum(np.arange(self._rows), i["row"])[:, None, None]
        if i["cut"]:
            behind = i["new"] + row + 1  # the row's own token
            first = behind if i["own"] else i["new"]
            valid = (slots < i["filled"]) & ((slots - first) % SLOTS >= behind + i["spare"] - first)
            if i["wrap"]:
                valid &= (slots < i["sinks"]) | (slots >= behind + i["spare"] - i["filled"] + i["sinks"])
        else:
            valid = slots < i["filled"] + row
        if i["part"]:
            valid = valid & _PARTS[i["part"]](slots, i["sinks"])
        return valid

    def _do_select(self, i):
        head = np.minimum(np.arange(self._lanes) % (1 << i["heads_log2"]), i["heads"] - 1)
        entries = [self._table[i["entry"] + h * i["stride"]] for h in head]
        constant = Scale(np.int64(i["mantissa"]), np.int64(_exponent(i)))
        self._state.query_scale = _stack([e["step"] for e in entries]) * constant
        self._state.query_sum = _stack([e["sum"] for e in entries])
        return {"query_scale": self._state.query_scale, "query_sum": self._state.query_sum}

    def _do_scores(self, i):
        sums, parameters = self._results.take(i["count"])
        scale = _across(self._state.query_scale) * word_scale(parameters)
        exact = without_zero(sums, word_zero(parameters), self._state.query_sum[..., None])
        scores = requantise(exact, scale.shifted(-FRACTION - ZERO_FRACTION))
        valid = self._valid(i)
        written = self._write_columns(i, scores, valid & self._concerned(i)[:, None, None])
        bound = value_bound(scores, word_scale(self._values[:, :, self._value_part(i)]))
        self._statistic(i, "largest", np.where(valid, scores, _LEAST).max(-1), np.maximum, _LEAST)
        self._statistic(i, "bound", np.where(valid, bound, _LEAST_BOUND).max(-1), np.maximum, _LEAST_BOUND)
        return written | {"largest": self._state.largest.copy(), "bound": self._state.bound.copy(), "valid": valid}

    def _value_part(self, i):
        """The value parameters of the scores that are written: from word ``dst`` − ``src`` on."""
        first = i["dst"] - i["src"]
        return slice(first, first + i["count"])

    def _do_values(self, i):
        _, parameters = self._results.take(i["count"])
        self._values[self._concerned(i), :, self._part(i, "dst")] = parameters
        return {"values": parameters}

    def _do_softmax(self, i):
        tokens = 2 * 16 * self._atoms
        if i["count"] % tokens:
            raise MachineFault(f"vector.softmax: {i['count']} words are no whole slices of {tokens}")
        valid = self._valid(i) & self._concerned(i)[:, None, None]
        part = self._part(i, "src")
        if not (self._known[:, :, part] | ~valid).all():
            raise MachineFault("vector.softmax: a valid score was not written")
        reference, places = softmax_reference(self._state.largest, self._state.bound)
        scores = np.where(valid, self.words[:, :, part], reference[..., None])
        p = np.where(valid, numerator(reference[..., None], scores), 0)
        values = self._values[:, :, self._part(i, "value_src")]
        step = word_scale(values)
        weights = value_weight(p, step.mantissa, step.exponent + places[..., None])
        self._statistic(i, "sum", p.sum(-1), np.add, 0)
        self._statistic(i, "correction", (weights * word_zero(values)).sum(-1), np.add, 0)
        if i["last"]:
            scale = total_inverse(self._state.sum).shifted(places - ZERO_FRACTION)
            concerned = self._concerned(i)[:, None]
            old = self._state.made("output_scale", scale)
            self._state.output_scale = Scale(
                np.where(concerned, scale.mantissa, old.mantissa), np.where(concerned, scale.exponent, old.exponent)
            )
        # The first of a slice's two token blocks is met in phase 0.
        slices = weights.astype(np.int8).reshape(self._rows, self._lanes, -1, tokens)
        parts = spread(slices, 2).swapaxes(0, 2)
        self._slices.put(parts, local=True)
        found = {name: getattr(self._state, name).copy() for name in ("sum", "correction")}
        return found | {"slices": parts} | ({"output_scale": self._state.output_scale} if i["last"] else {})

    def _do_mix(self, i):
        sums, _ = self._results.take(i["count"])
        by_head = sums.reshape(self._rows, -1, 1 << i["heads_log2"], i["count"])
        total = np.broadcast_to(by_head.sum(1, keepdims=True), by_head.shape).reshape(sums.shape)
        y = requantise(without_zeros(total, self._state.correction[..., None]), _across(self._state.output_scale))
        rows = np.arange(self._rows) == i["row"] if i["own"] else self._late(i)
        where = np.broadcast_to(rows[:, None, None], y.shape)
        return self._write_columns(i, y, where) | self._peak_of(i, y.reshape(self._rows, -1), rows)

    def _do_gather(self, i):
        peak = np.full(self._rows, self._state.peak.max()) if i["shared"] else self._state.peak
        self._state.step, inverse = quantise_step(peak)
        part = slice(i["src"], i["src"] + i["dims"])
        x = self.words[:, : i["heads"], part]
        if not self._known[:, : i["heads"], part].all():
            raise MachineFault("vector.gather: words are read but not all written")
        q = quantise_level(x, _across(_across(inverse)))
        if i["shared"]:  # the words of one row after the other, for all
            q = np.repeat(q[: i["row"] + 1].reshape(1, -1, i["dims"]), self._rows, axis=0)
        for number in range(q.shape[1]):
            self._buffer.write(i["dst"] + number * i["stride"], q[:, number])
        return {"buffer": q, "step": self._state.step}

    # The end

    def _do_logits(self, i):
        y = self._requantised(i).reshape(self._rows, -1, self._lanes)
        row = y[min(i["row"], self._rows - 1)].T  # (lanes, count)
        words = self._memory.data.shape[2] // 4
        beats = -(-i["count"] // words)
        padded = np.zeros((self._lanes, beats * words), "<i4")
        padded[:, : i["count"]] = row
        data = padded.view(np.uint8).reshape(self._lanes * beats, -1)
        addresses = np.tile(i["address"] + np.arange(beats), self._lanes)
        self._memory.write(np.repeat(np.arange(self._lanes), beats), addresses, data)
        valid = y.reshape(self._rows, -1)[:, : (i["count"] - 1) * self._lanes + i["heads"]]
        if i["first"]:
            self._state.seen, self._state.best = 0, np.full(self._rows, _LEAST - 1)
        tokens = self._state.seen + np.arange(valid.shape[1])
        of_rows = zip(self.samplings, valid, self.positions, strict=True)
        valid = np.stack([sampling.scores(one, position + 1, tokens) for sampling, one, position in of_rows])
        index = argmax(valid)
        value = np.take_along_axis(valid, index[:, None], -1)[:, 0]
        better = value > self._state.best
        self._state.best = np.where(better, value, self._state.best)
        self.token = np.where(better, self._state.seen + index, self.token)
        self._state.seen += y.shape[1] * self._lanes
        return {"logits": row, "token": self.token.copy()}


def _across(values):
    """An array or Scale with one more axis."""
    return values[..., None]


def _stack(columns):
    """Arrays or Scales (rows,) as one of (rows, columns)."""
    if isinstance(columns[0], Scale):
        return Scale(*(np.stack([getattr(c, part) for c in columns], 1) for part in ("mantissa", "exponent")))
    return np.stack(columns, 1)


def _exponent(i):
    half = 1 << _EXPONENT_BITS - 1
    return (i["exponent"] + half) % (2 * half) - half
