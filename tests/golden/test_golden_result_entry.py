"""An entry of the ring of results says what was put into it, in the bits that docs/driver.md gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from golden.units.result_entry import END, TOKEN, ResultEntry

WORD, TAG, BYTE = (st.integers(0, (1 << bits) - 1) for bits in (32, 16, 8))


@given(WORD, WORD, WORD, TAG, BYTE, BYTE)
def test_round_trip(index, token, cycles, tag, kind, code):
    entry = ResultEntry(index, token, cycles, tag, kind, code)
    words = entry.words()
    assert words.nbytes == 16 and ResultEntry.read(words) == entry
    assert ResultEntry.read(np.frombuffer(words.tobytes() + bytes(16), "<u4")) == entry


def test_words():
    entry = ResultEntry(1, 2, 3, 0x1234, END, 6)
    assert entry.words().tolist() == [1, 2, 3, 0x06021234]
    assert ResultEntry(0, 0, 0, 0).kind == TOKEN


def test_nothing_is_no_entry():
    assert ResultEntry.read(np.zeros(4, "<u4")).kind not in (TOKEN, END)
