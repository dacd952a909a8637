"""Arrays never take more memory than they deserve."""

import numpy as np
import pytest

from golden.errors import InputError
from myhdl_acc.trace import npz_file
from myhdl_acc.trace.npz_file import read_npz, write_npz


def test_npz_limit(tmp_path, monkeypatch):
    write_npz(tmp_path / "a.npz", a=np.zeros(1000, np.int8))
    assert read_npz(tmp_path / "a.npz")["a"].shape == (1000,)
    monkeypatch.setattr(npz_file, "NPZ_LIMIT", 1000)  # the array's header comes on top of its 1000 bytes
    with pytest.raises(InputError, match="at most 1000 are read"):
        read_npz(tmp_path / "a.npz")
