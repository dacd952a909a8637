"""``generate --device`` with a stand-in for a board behind a real serial port's name."""

import json
import os

import pytest
from fake_board import FakeBoard, PortOfBoard

from myhdl_acc.rtl.config import AcceleratorConfig

PRESET = AcceleratorConfig.preset("ecp5")
ASKED = "generate", "austen", "She was", "-n", 3


def test_a_board_says_what_the_golden_model_does(run_cli):
    expected = json.loads(run_cli(*ASKED, "--json").stdout)
    with PortOfBoard(FakeBoard(PRESET)) as port:
        process = run_cli(*ASKED, "--device", f"serial:{port.path}", "--json")
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert found["tokens"] == expected["tokens"] and found["backend"] == "serial" and found["starts"] == 1


def test_a_cable_that_is_pulled_and_the_next_command(run_cli):
    board = FakeBoard(PRESET)
    with PortOfBoard(board, pulled_after=520) as port:
        process = run_cli(*ASKED, "--device", f"serial:{port.path}")
    lines = process.stderr.splitlines()
    assert process.returncode == 1 and len(lines) == 1 and f"{port.path}: " in lines[0], process.stderr
    with PortOfBoard(board) as port:
        assert run_cli(*ASKED, "--device", f"serial:{port.path}").returncode == 0


def test_another_configuration(refused):
    with PortOfBoard(FakeBoard(AcceleratorConfig.preset("ecp5"))) as port:
        line = refused(*ASKED, "--device", f"serial:{port.path}", "--config", "demo")
    assert "the board's bitstream is of another configuration" in line


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("serial:/dev/nothing", "cannot open /dev/nothing"),
        (f"serial:{os.devnull}", f"cannot open {os.devnull}"),
        ("usb", "'usb' is no device"),
        ("serial:", "'serial:' is no device"),
    ],
)
def test_what_is_no_board(refused, device, message):
    assert message in refused(*ASKED, "--device", device)


def test_a_board_and_a_backend(refused):
    message = "--device and --backend exclude each other"
    assert message in refused(*ASKED, "--device", "serial:x", "--backend", "verilator")
