"""serve as a command: it says where it listens, ends on a signal, and refuses in one line."""

import contextlib
import dataclasses
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
from synthetic import synthetic_model

from golden.llm import container
from myhdl_acc.rtl.config import AcceleratorConfig

SIZES = {"vocab": 37, "dim": 64, "layers": 1, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 64, "context": 64}


@pytest.fixture
def tiny(tmp_path):
    """The arguments of a tiny model."""
    container.save(synthetic_model("w4", tied=False, **SIZES), tmp_path / "tiny.acc")
    config = dataclasses.replace(AcceleratorConfig.preset("tiny"), vector_depth=512)
    (tmp_path / "tiny.json").write_text(config.to_json())
    return ["tiny.acc", "--config", "tiny.json", "--port", "0"]


@pytest.fixture
def started(tmp_path):
    """``started(*arguments)``: a context with the process and its address."""

    @contextlib.contextmanager
    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "myhdl_acc", "serve", *arguments],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A background process of a shell without job control inherits an ignored SIGINT.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        try:
            line = process.stdout.readline()
            found = re.fullmatch(r"(\w+) on (http://127\.0\.0\.1:\d+/v1)\n", line)
            assert found, line + process.stderr.read()
            yield process, *found.groups()
        finally:
            process.kill()
            process.communicate()

    return start


def begin(address, **parameters):
    """A text as a stream."""
    body = json.dumps({"model": "tiny", "prompt": [3, 1, 4]} | parameters).encode()
    request = urllib.request.Request(f"{address}/completions", body, {"Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=300)


@pytest.mark.parametrize("sent, code, word", [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")])
def test_a_signal_ends_it_in_the_middle_of_a_text(started, tiny, sent, code, word):
    """The client is told; the command says one line; the port is free again."""
    with started(*tiny, "--max-tokens", "100000") as (process, name, address):
        assert name == "tiny"
        with urllib.request.urlopen(f"{address}/models", timeout=300) as answer:
            assert json.loads(answer.read())["data"][0]["id"] == "tiny"
        with begin(address, max_tokens=100_000, stream=True) as stream:
            assert b'"text"' in stream.readline()
            process.send_signal(sent)
            assert b"shutting down" in stream.read()
        stdout, stderr = process.communicate(timeout=60)
        assert (process.returncode, stdout, stderr) == (code, "", f"myhdl-acc: {word}\n")
        socket.create_server(("127.0.0.1", int(re.search(r":(\d+)/", address)[1]))).close()


def test_a_signal_ends_it_while_nobody_asks(started, tiny):
    with started(*tiny, "--name", "anne") as (process, name, _):
        process.send_signal(signal.SIGTERM)
        assert name == "anne" and process.wait(timeout=60) == 143


def test_drafts_change_no_text(started, tiny):
    texts = []
    for options in ((), ("--speculate", "lookup")):
        with started(*tiny, *options) as (*_, address), begin(address, max_tokens=30, temperature=0) as answer:
            texts.append(json.loads(answer.read())["choices"])
    assert texts[0] == texts[1]


def test_refuses(refused, tiny, tmp_path):
    assert "absent.acc" in refused("serve", "absent.acc")
    (tmp_path / "float.gguf").write_bytes(b"GGUF" + bytes(100))
    assert "myhdl-acc compress" in refused("serve", "float.gguf")
    assert "--device xrt" in refused("serve", *tiny, "--xclbin", "a.xclbin")
    assert "--device xrt" in refused("serve", *tiny, "--device", "xrt")
    assert "a.xclbin: no such file" in refused("serve", *tiny, "--device", "xrt", "--xclbin", "a.xclbin")
    assert "cannot listen on nowhere.invalid, port 0" in refused("serve", *tiny, "--host", "nowhere.invalid")
    assert "window" in refused("serve", *tiny, "--window", 100_000)
    assert "2 rows have room for 1 at most" in refused("serve", *tiny, "--speculate", "lookup", "--drafts", 2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refused("serve", *tiny, "--port", port)
        assert f"cannot listen on 127.0.0.1, port {port}: Address already in use" in line


def test_without_the_extra(refused, tiny, tmp_path, monkeypatch):
    absent = tmp_path / "absent"
    absent.mkdir()
    (absent / "uvicorn.py").write_text("raise ModuleNotFoundError")
    monkeypatch.syspath_prepend(str(absent))
    path = f"{absent}:{':'.join(filter(None, sys.path))}"
    monkeypatch.setenv("PYTHONPATH", path)
    assert "Python has no uvicorn; pip install 'myhdl_acc[serve]'" in refused("serve", *tiny)
