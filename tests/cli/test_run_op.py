"""run-op computes what was asked for, and refuses everything else with one line."""

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.formats.sample import random_weights
from myhdl_acc.cli.operation_file import FIELDS, make_operation, read_operation

RNG = np.random.default_rng(1)


def arrays(kind, rows=2, outputs=5, terms=40):
    """The fields of a valid operation, and the result that plain int64 arithmetic gives."""
    if kind in ("w2", "w4", "w8"):
        w, scale = random_weights(RNG, kind, outputs, terms)
        x = RNG.integers(-128, 128, (rows, terms)).astype(np.int8)
        full = w.astype(np.int64)
        if scale is not None:
            full = full * np.repeat(scale, 32, axis=1)[:, :terms]
        return {"op": kind, "w": w, "x": x} | ({} if scale is None else {"scale": scale}), x @ full.T
    cached = RNG.integers(-8, 8, (outputs, terms)).astype(np.int8)
    if kind == "qk":
        q = RNG.integers(-128, 128, (rows, terms)).astype(np.int8)
        return {"op": kind, "k": cached, "q": q}, q.astype(np.int64) @ cached.T
    p = RNG.integers(-128, 128, (rows, outputs)).astype(np.int8)
    return {"op": kind, "v": cached, "p": p}, p.astype(np.int64) @ cached


@pytest.mark.parametrize("kind", FIELDS)
def test_golden(run_cli, tmp_path, kind):
    fields, expected = arrays(kind)
    np.savez(tmp_path / "in.npz", **fields)
    process = run_cli("run-op", "in.npz", "-o", "out.npz", "--json")
    assert process.returncode == 0, process.stderr
    with np.load(tmp_path / "out.npz") as out:
        assert out["y"].dtype == np.int64 and np.array_equal(out["y"], expected)
        assert out["cycles"] == -1
    assert json.loads(process.stdout) == {
        "op": kind,
        "shape": list(expected.shape),
        "backend": "golden",
        "cycles": -1,
        "output": "out.npz",
    }


def test_any_integer_type_whose_values_fit(tmp_path):
    fields, _ = arrays("w4")
    wide = {name: array if name == "op" else array.astype(np.int64) for name, array in fields.items()}
    np.savez(tmp_path / "in.npz", **wide)
    operation = read_operation(tmp_path / "in.npz")
    assert operation.x.dtype == np.int8 and np.array_equal(operation.x, fields["x"])


BAD = {
    "no op": ("w2", {"op": None}, "no field op; it must be one of w2, w4, w8, qk, pv"),
    "unknown op": ("w2", {"op": "w3"}, "op must be one of the strings w2, w4, w8, qk, pv, not 'w3'"),
    "op is a number": ("w2", {"op": np.array(2)}, "op must be one of the strings"),
    "field missing": ("w2", {"scale": None}, "w2 takes op, w, scale, x; missing: scale"),
    "field of another op": ("w8", {"scale": np.ones((5, 2), np.uint8)}, "w8 takes op, w, x; not expected: scale"),
    "floats": ("w4", {"x": np.ones((2, 40))}, "x must be a matrix of integers and not empty, not float64"),
    "vector": (
        "w4",
        {"x": np.ones(40, np.int8)},
        "x must be a matrix of integers and not empty, not int8 of shape",
    ),
    "empty": ("qk", {"q": np.ones((0, 40), np.int8)}, "q must be a matrix of integers and not empty"),
    "x too wide": ("w4", {"x": np.ones((2, 41), np.int8)}, "w4: x has 41 columns, w has 40 columns"),
    "x out of range": ("w4", {"x": np.full((2, 40), 128)}, "x must lie in -128 to 127, it has values from 128 to 128"),
    "k out of range": ("qk", {"k": np.full((5, 40), -9, np.int8)}, "k must lie in -8 to 7"),
    "v out of range": ("pv", {"v": np.full((5, 40), 8, np.int8)}, "v must lie in -8 to 7"),
    "p of another length": ("pv", {"p": np.ones((2, 6), np.int8)}, "pv: p has 6 columns, v has 5 rows"),
    "level": ("w2", {"w": np.full((5, 40), 2, np.int8)}, "w2: "),
    "three in four": ("w2", {"w": np.ones((5, 40), np.int8)}, "w2: "),
    "w8 too large": ("w8", {"w": np.full((5, 40), 120, np.int8)}, "w8: "),
    "w4 too large": ("w4", {"w": np.full((5, 40), 8, np.int8)}, "w4: "),
    "scale of another shape": ("w4", {"scale": np.ones((5, 3), np.uint8)}, "w4: scale"),
    "negative scale": ("w4", {"scale": np.full((5, 2), -1)}, "scale must lie in 0 to 255"),
    "pickle": ("w4", {"x": np.array([[None]], object)}, "something else than plain arrays"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_operations(tmp_path, name):
    kind, change, message = BAD[name]
    fields, _ = arrays(kind)
    fields = {field: value for field, value in (fields | change).items() if value is not None}
    np.savez(tmp_path / "in.npz", **fields)
    with pytest.raises(InputError) as caught:
        read_operation(tmp_path / "in.npz")
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert str(tmp_path / "in.npz") in str(caught.value)


def test_bad_operation_through_the_cli(refused, tmp_path):
    fields, _ = arrays("w4")
    np.savez(tmp_path / "in.npz", **fields | {"x": np.ones((2, 41), np.int8)})
    assert "in.npz: w4: x has 41 columns" in refused("run-op", "in.npz", "-o", "out.npz")


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_damaged_files(tmp_path_factory, data):
    """Cut or changed anywhere, a file is refused or, where the damage hits nothing that matters, read."""
    path = tmp_path_factory.mktemp("damaged") / "in.npz"
    fields, _ = arrays("w4")
    np.savez(path, **fields)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    else:
        for _ in range(4):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        make = read_operation(path)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert make.kind in FIELDS


def test_no_such_file(refused):
    assert "cannot read absent.npz: No such file or directory" in refused("run-op", "absent.npz", "-o", "out.npz")


def test_not_an_npz(refused, tmp_path):
    (tmp_path / "in.npz").write_text("hello")
    assert "in.npz: not an .npz file" in refused("run-op", "in.npz", "-o", "out.npz")
    np.save(tmp_path / "in.npy", np.ones(3))
    assert "in.npy: not an .npz file" in refused("run-op", "in.npy", "-o", "out.npz")


def test_absurd_size(tmp_path):
    """A file of a few hundred bytes that claims an array of 2^40 is refused without taking the memory."""
    import io
    import zipfile

    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|i1", "fortran_order": False, "shape": (1 << 20, 1 << 20)})
    with zipfile.ZipFile(tmp_path / "in.npz", "w") as archive:
        archive.writestr("w.npy", header.getvalue())
    with pytest.raises(InputError, match="damaged"):
        read_operation(tmp_path / "in.npz")


@pytest.mark.parametrize("target", ["missing/out.npz", "."])
def test_unwritable_output(refused, tmp_path, target):
    fields, _ = arrays("qk")
    np.savez(tmp_path / "in.npz", **fields)
    assert f"cannot write {target}: " in refused("run-op", "in.npz", "-o", target)


def test_an_existing_result_survives_a_failure(run_cli, tmp_path):
    (tmp_path / "out.npz").write_text("mine")
    np.savez(tmp_path / "in.npz", op="w2")
    assert run_cli("run-op", "in.npz", "-o", "out.npz").returncode == 2
    assert (tmp_path / "out.npz").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["in.npz", "out.npz"]


def test_make_operation_needs_no_file():
    fields, _ = arrays("qk")
    assert make_operation({name: np.asarray(value) for name, value in fields.items()}).outputs == 5


@pytest.mark.parametrize("command", ["run-op", "trace"])
def test_the_output_is_the_input(refused, tmp_path, command):
    np.savez(tmp_path / "in.npz", **arrays("w2")[0])
    assert refused(command, "in.npz", "-o", "./in.npz") == "myhdl-acc: cannot write ./in.npz: it is an input"
