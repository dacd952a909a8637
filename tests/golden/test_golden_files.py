"""Files are complete or not there."""

import os
import stat

import pytest

from golden.errors import InputError
from golden.files import replacing, require_writable


def test_replaces_what_was_there(tmp_path):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write("new ✓")
        assert path.read_text() == "old"
    assert path.read_text(encoding="utf-8") == "new ✓" and os.listdir(tmp_path) == ["out.txt"]


@pytest.mark.parametrize("exception", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_no_trace(tmp_path, exception):
    path = tmp_path / "out.txt"
    path.write_text("old")
    with pytest.raises(exception), replacing(path) as file:
        file.write("half")
        raise exception
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["out.txt"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    with replacing(tmp_path / "ours") as file:
        file.write("")
    (tmp_path / "plain").write_text("")
    assert stat.S_IMODE(os.stat(tmp_path / "ours").st_mode) == stat.S_IMODE(os.stat(tmp_path / "plain").st_mode)


@pytest.mark.parametrize("name", ["missing/out.txt", "."])
def test_where_nothing_can_be_written(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"^cannot write {name}: "):
        require_writable(name)
    with pytest.raises(InputError, match=f"^cannot write {name}: "), replacing(name):
        raise AssertionError("there is no file to write to")
    assert os.listdir(tmp_path) == []


def test_a_writable_place_stays_as_it_is(tmp_path):
    (tmp_path / "old").write_text("old")
    require_writable(tmp_path / "old", tmp_path / "new")
    assert os.listdir(tmp_path) == ["old"] and (tmp_path / "old").read_text() == "old"


def test_what_is_no_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match="it is a device or a pipe"):
        require_writable(pipe)
    with pytest.raises(InputError, match="it is a device or a pipe"), replacing(pipe):
        pass
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)


def test_an_output_that_is_an_input(tmp_path):
    source = tmp_path / "model"
    source.write_text("weights")
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "hard").hardlink_to(source)
    for target in (source, tmp_path / "link", tmp_path / "hard", tmp_path / "." / "model"):
        with pytest.raises(InputError, match=r"^cannot write .*: it is an input$"):
            require_writable(target, inputs=[tmp_path / "absent", source])
    require_writable(tmp_path / "other", inputs=[tmp_path / "absent", source])


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "file").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with replacing(tmp_path / "link") as file:
        file.write("after")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "file").read_text() == "after"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/none", "/proc/self/fd/1"])
def test_standard_output_is_not_replaced(path):
    """It may lead to a file."""
    with pytest.raises(InputError, match="it is a device or a pipe"):
        require_writable(path)
