"""What resident instructions become: the operations of a pass meet each cached token once, and patch the new ones."""

import dataclasses
from itertools import chain

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from golden.lambda_attention import LambdaRule
from golden.layout import HeadLanes
from golden.units.cache_view import MARKS, CacheShape, cache_view
from golden.units.resolve import ALL, FAR, NEAR, NEW, WHEN, Resolver
from myhdl_acc.rtl.control.instruction import instruction

BLOCK, WORDS, CHUNK_LOG2 = 32, 4, 6  # a chunk is two token blocks
SHARE_OF = {0: 4, 1: 2, 2: 1}  # of four lanes, by heads_log2


@dataclasses.dataclass
class Pass:
    """``tokens`` tokens from ``position`` on, and what its instructions become."""

    rule: LambdaRule
    heads_log2: int
    position: int
    tokens: int
    logits: bool = True
    angles: bool = False
    offset: int = 0

    def __post_init__(self):
        self.lanes = HeadLanes(4, self.heads_log2, BLOCK)
        self.shape = CacheShape(self.rule.capacity, self.rule.sinks, self.lanes, WORDS, CHUNK_LOG2, 2, True)
        self.tokens = self.shape.pass_tokens(self.position, self.tokens)
        self.slot = int(self.rule.slot(self.position))
        view = self.view = cache_view(self.shape, self.position, self.slot, self.tokens)
        self.resolver, self.marks = Resolver(self.shape), view.marks
        self.resolver.begin(view, list(range(50, 50 + self.tokens)), self.logits, self.angles, 7, first=self.tokens - 1)
        self.resolver.offset = self.offset

    def __call__(self, unit, op, **fields):
        return self.resolver.resolve(instruction(unit, op, **fields))

    def place(self, slot):
        """``(lane of the head, position there)`` of a slot."""
        rank, position = self.lanes.place(slot)
        return int(rank), int(position)

    def chunks(self, after="none", until="end", **fields):
        """The fields of a piece for each chunk that the cache may have."""
        count = -(-self.lanes.positions(self.rule.capacity) >> CHUNK_LOG2) + 1
        size = (1 << CHUNK_LOG2) // BLOCK
        marks = {"after": MARKS.index(after), "until": MARKS.index(until)}
        return [marks | {"start": n * size, "limit": (n + 1) * size} | fields for n in range(count)]

    def met(self, i, start, row):
        """Slots that a vector instruction on a piece from position ``start`` on meets in ``row``."""
        first, found = self.lanes.first_slot(start), []
        for rank in range(self.lanes.share):
            for position in range(start, start + i["count"]):
                slot = self.lanes.first_slot(position) + rank * BLOCK
                near = {ALL: True, NEAR: slot - first >= i["sinks"], FAR: slot - first < i["sinks"]}
                more, cut = min(row, i["row"]), range(0)
                if i["cut"]:
                    more, cut = 0, range(i["new"], i["new"] + more + 1)
                if slot - first < i["filled"] + more and near[i["part"]] and slot - first not in cut:
                    found.append(slot)
        return sorted(found)

    def expected(self, row):
        """``(sinks, others)``: the slots that attention of ``row`` meets."""
        query = self.position + row
        tokens = [token for token in range(query + 1) if self.rule.meets(query, token)]
        slots = sorted({int(self.rule.slot(token)) for token in tokens})
        return [[s for s in slots if s < self.rule.sinks], [s for s in slots if s >= self.rule.sinks]]


@st.composite
def a_pass(draw, renews=False, **fields):
    """One whose tokens evict others, as many, if it ``renews``."""
    heads_log2 = draw(st.integers(0, 2))
    slots = SHARE_OF[heads_log2] << CHUNK_LOG2
    rule = LambdaRule(draw(st.sampled_from([0, 1, 5, 40, 70])), draw(st.integers(1, 2 * slots)))
    edges = st.sampled_from([0, BLOCK, slots // 2, slots, rule.capacity, 2 * rule.capacity])
    near = st.builds(lambda edge, step: max(0, edge + step), edges, st.integers(-6, 6))
    position = rule.capacity + draw(st.integers(0, 2 * rule.capacity)) if renews else draw(near)
    one = Pass(rule, heads_log2, position, draw(st.integers(1 + renews, 15)), **fields)
    if one.view.renews != renews:
        assume(not renews)
        one = Pass(rule, heads_log2, position, 1, **fields)
    return one


def covered(pieces):
    return [position for start, count in pieces for position in range(start, start + count)]


@given(a_pass())
def test_keys_are_read_once(one):
    """With two to a beat; what an operation's vector instruction takes is what it gives."""
    pieces = []
    for fields in one.chunks():
        read, taken = one("engine", "qk", params=9, **fields), one("vector", "scores", dst=100, **fields)
        assert (read is None) == (taken is None)
        if read is not None:
            start = fields["start"] * BLOCK
            assert read["beats"] == 9 + read["middle"] and 2 * read["middle"] == taken["count"]
            assert taken["dst"] == 100 + start
            pieces.append((start, taken["count"]))
    assert covered(pieces) == list(range(-(-one.marks["end"] // 2) * 2))


@given(a_pass(), st.booleans())
def test_scores_meet_what_attention_meets(one, far):
    """All at once, or the sinks by a query of their own."""
    near = [("vector", "scores", fields | {"part": NEAR if far else ALL, "last": 1}) for fields in one.chunks()]
    capped = WHEN.index("capped")
    sinks = [("vector", "scores", fields | {"part": FAR, "when": capped}) for fields in one.chunks(until="sinks")]
    sinks[-1][2]["last"] = 1
    done = []
    for unit, op, fields in near + sinks * far:
        found = one(unit, op, **fields)
        if found is not None:
            done.append((found, fields["start"] * BLOCK))
    for row in range(one.tokens):
        met = {part: sorted(chain(*(one.met(i, at, row) for i, at in done if i["part"] == part))) for part in range(4)}
        by_sinks, others = one.expected(row)
        if far and one.rule.capped(one.position):
            assert (met[FAR], met[NEAR]) == (by_sinks, others)
        else:
            assert met[NEAR if far else ALL] == by_sinks + others and not met[FAR]


@given(a_pass(), st.booleans())
def test_the_first_and_the_last_scores_are_told(one, far):
    """The sinks' come first, if they meet a query of their own."""
    capped, marked = WHEN.index("capped"), []
    for number, piece in enumerate(one.chunks(until="sinks") if far else []):
        marked.append(one("vector", "scores", part=FAR, first=number == 0, when=capped, **piece))
    for number, piece in enumerate(one.chunks()):
        marked.append(one("vector", "scores", part=NEAR if far else ALL, first=number == 0, last=1, **piece))
    done = [i for i in marked if i is not None]
    assert [i["first"] for i in done] == [1] + [0] * (len(done) - 1)
    assert [i["last"] for i in done] == [0] * (len(done) - 1) + [1]


@given(a_pass())
def test_values_are_met_once_with_their_own_parameters(one):
    """What was there before the pass, without what the pass overwrites; then what needs the new tokens."""
    done = []
    for fields in [*one.chunks(until="old_end"), one.chunks("new", "new_end", start=0, limit=0)[0]]:
        read, taken = one("engine", "meta", base=1000, **fields), one("vector", "values", **fields)
        assert (read is None) == (taken is None)
        if read is not None:
            start = max(fields["start"] * BLOCK, list(one.marks.values())[fields["after"]])
            assert read["middle"] == taken["count"] and taken["dst"] == start
            assert read["base"] == 1000 + start // WORDS and start % WORDS == 0
            assert read["beats"] == read["params"] == -(-taken["count"] // WORDS)
            done.append((taken, start))
    new = set(range(one.slot, one.slot + one.tokens))
    for row in range(one.tokens):
        *old, latest = [set(one.met(i, start, row)) for i, start in done]
        known, met = set().union(*old), set().union(*one.expected(row))
        assert known <= set(range(min(one.position, one.rule.capacity)))
        assert not known & new and known | latest == met
        assert sum(map(len, old)) == len(known)


NEW_PIECE = {"part": NEW, "after": MARKS.index("new"), "until": MARKS.index("new_end")}
NEW_BLOCK = {"part": NEW, "after": MARKS.index("turn"), "until": MARKS.index("new_end")}


def check_renewed(one, old, new):
    """``(instruction, first position)`` of operations on the cache as it was, and of those on the new tokens: each row
    meets what attention meets, in the one or in the other."""
    for row in range(one.tokens):
        tokens = [t for t in range(one.position + row + 1) if one.rule.meets(one.position + row, t)]
        known = [int(one.rule.slot(t)) for t in tokens if t < one.position]
        fresh = [int(one.rule.slot(t)) for t in tokens if t >= one.position]
        assert sorted(chain(*(one.met(i, start, row) for i, start in old))) == sorted(known)
        assert sorted(chain(*(one.met(i, start, row) for i, start in new))) == fresh


@given(a_pass(renews=True))
def test_scores_of_tokens_that_evict_others(one):
    """With the sinks by a query of their own; an operation for each chunk, of which one has the new tokens."""
    old = [(one("vector", "scores", part=NEAR, **fields), fields["start"] * BLOCK)
           for fields in one.chunks(until="old_end")]  # fmt: skip
    old += [(one("vector", "scores", part=FAR, **fields), fields["start"] * BLOCK)
            for fields in one.chunks(until="sinks")]  # fmt: skip
    new, (begin, start, reads) = [], (one.marks["new"], one.marks["turn"], [])
    for fields in one.chunks("new", "new_end", part=NEW):
        key = {name: value for name, value in fields.items() if name != "part"}
        reads.append(one("engine", "qk", base=1000, params=1, skip=50, patch=1, release=1, **key))
        new.append((one("vector", "scores", dst=300, last=1, **fields), begin))
    check_renewed(one, [each for each in old if each[0]], [each for each in new if each[0]])
    ((read, taken),) = [(r, t) for r, (t, _) in zip(reads, new, strict=True) if t]
    within = begin % (1 << CHUNK_LOG2)
    assert read["base"] == 1000 + within // WORDS and read["skip"] == 50 + within // 2 - within // WORDS
    assert 2 * read["middle"] == taken["count"] <= WORDS and read["beats"] == 1 + read["middle"]
    assert one.lanes.place(read["slot"])[1] == one.place(one.slot)[1] - begin and read["tokens"] == one.tokens
    assert taken["dst"] == 300 + begin - start and taken["last"] == 1


@given(a_pass(renews=True))
def test_values_of_tokens_that_evict_others(one):
    old = []
    for fields in one.chunks(until="old_end"):
        taken = one("vector", "values", **fields)
        old += [(taken, fields["start"] * BLOCK)] if taken else []
    new = one("vector", "values", dst=300, **NEW_PIECE)
    check_renewed(one, old, [(new, one.marks["new"])])
    assert new["dst"] == 300 + one.marks["new"] - one.marks["turn"]


@given(a_pass(renews=True))
def test_probs_of_tokens_that_evict_others(one):
    """Their block alone, as it lies in memory."""
    whole = {"until": MARKS.index("old_end")}
    old, new = one("vector", "softmax", **whole), one("vector", "softmax", value_src=300, **NEW_BLOCK)
    check_renewed(one, [(old, 0)], [(new, one.marks["turn"])])
    assert new["count"] == 2 * BLOCK and new["value_src"] == 300
    block = {name: value for name, value in NEW_BLOCK.items() if name != "part"}
    read = one("engine", "pv", base=1000, middle=16, stride=16, patch=2, **block)
    assert read["base"] == 1000 + 16 * (one.marks["turn"] // BLOCK) and (read["outer"], read["beats"]) == (1, 16)
    assert one.lanes.place(read["slot"])[1] == one.place(one.slot)[1] % BLOCK


@given(a_pass(), st.sampled_from(["qk", "meta", "pv"]))
def test_each_new_token_is_patched_once(one, op):
    """In the operation that has its place; the others patch nothing, and release nothing."""
    whole = {"after": 0, "until": MARKS.index("end")}
    pieces = {"qk": one.chunks(), "pv": [whole], "meta": [one.chunks("new", "new_end", start=0, limit=0)[0]]}[op]
    patched = []
    for fields in pieces:
        found = one("engine", op, patch=1, release=1, heads_log2=one.heads_log2, middle=16, **fields)
        start = max(fields.get("start", 0) * BLOCK, list(one.marks.values())[fields["after"]])
        if found is None or not found["patch"]:
            assert found is None or (found["release"], found["heads_log2"], found["tokens"]) == (0, 0, 0)
            continue
        assert found["release"] == 1 and found["tokens"] == one.tokens
        for row in range(one.tokens):
            rank, position = one.place(found["slot"] + row)
            patched.append((rank, start + position))
    assert patched == [one.place(one.slot + row) for row in range(one.tokens)]


@given(a_pass())
def test_values_are_whole_blocks_and_weights_whole_slices(one):
    whole = {"after": 0, "until": MARKS.index("end")}
    end = one.marks["end"]
    read = one("engine", "pv", middle=16, **whole)
    assert read["outer"] == -(-end // BLOCK) and read["beats"] == 16 * read["outer"]
    found = one("vector", "softmax", **whole)
    assert found["count"] == -(-end // (2 * BLOCK)) * 2 * BLOCK
    for row in range(one.tokens):
        assert one.met(found, 0, row) == sorted(chain(*one.expected(row)))


def at(position, tokens=1, **fields):
    """A pass before a cache of 2 sinks and 8 others."""
    return Pass(LambdaRule(2, 8), 0, position, tokens, **fields)


@pytest.mark.parametrize(
    ("one", "names"),
    [
        (at(0), "logits angles"),
        (at(0, 3, logits=False), "angles several"),
        (at(9, angles=True), "logits logits_capped"),
        (at(8, angles=True), "logits"),
        (at(9, logits=False), "angles"),
        (at(10, 3), "capped logits logits_capped angles several renews"),
        (at(10), "capped logits logits_capped angles"),
        (at(10, logits=False, angles=True), "capped"),
        (Pass(LambdaRule(0, 8), 0, 30, 1, angles=True), "logits"),
    ],
)
def test_conditions(one, names):
    held = [name for name in WHEN if one("vector", "select", when=WHEN.index(name)) is not None]
    assert held == ["always", *names.split()]
    assert [one.resolver.holds(code) for code in range(len(WHEN))] == [name in held for name in WHEN]


def test_embeddings():
    """A row of memory for each token; rows without one do nothing."""
    one = at(0, 3)
    reads = [one("engine", "meta", base=10, stride=4, row=row, params=1, beats=1, middle=2) for row in range(4)]
    assert [i and i["base"] for i in reads] == [10 + 4 * 50, 10 + 4 * 51, 10 + 4 * 52, None]
    assert {i["row"] for i in (one("vector", "embed", row=2), one("vector", "requantise", row=3))} == {2, 3}
    assert one("vector", "embed", row=3) is None


def test_angles():
    """Of a row, or of the next pass; the bank of the sinks seems to be the last place before eviction."""
    assert [i and i["position"] for i in (at(4, 2)("vector", "angle", row=row) for row in range(3))] == [4, 5, None]
    logits = WHEN.index("logits")
    assert at(4, 2)("vector", "angle", when=logits)["position"] == 6
    assert at(12)("vector", "angle", bank=1)["position"] == 9
    assert at(12)("vector", "angle", bank=1, when=logits)["position"] == 9
    assert at(12)("vector", "angle", when=logits)["position"] == 13


def test_logits():
    found = at(4, 3)("vector", "logits", address=100)
    assert (found["address"], found["row"]) == (107, 2)


def test_layers():
    one = at(0, offset=300)
    assert one("engine", "w4", base=5, layered=1)["base"] == 305
    assert one("engine", "w4", base=5)["base"] == 5
    assert one("engine", "qk", base=5, layered=1, until=MARKS.index("end"))["base"] == 305


def test_what_is_of_no_piece_stays():
    """But for what only the resolver needs."""
    for unit, op, fields in [("load", "query", {"address": 3, "wait": 1}), ("vector", "norm", {"src": 3, "count": 5})]:
        found = at(3)(unit, op, layered=1, **fields)
        assert found == instruction(unit, op, **fields)
