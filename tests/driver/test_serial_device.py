"""The driver through SerialDevice on a stand-in for a board."""

import dataclasses

import numpy as np
import pytest
from fake_board import FakeBoard
from small_rule import RULE

from golden.decoder import Decoder
from golden.errors import InputError
from myhdl_acc.driver import Accelerator, DeviceError
from myhdl_acc.driver import serial_link as link_module
from myhdl_acc.driver.serial_device import SerialDevice
from myhdl_acc.rtl.config import AcceleratorConfig

PROMPT = [3, 1, 4]
CONFIG = dataclasses.replace(AcceleratorConfig.preset("tiny"), lanes=1, rows=1, vector_depth=1024, packed=0)


@pytest.fixture
def board(monkeypatch):
    monkeypatch.setattr(link_module, "_PAUSE", 0)
    return FakeBoard(CONFIG)


@pytest.fixture
def accelerator(board, model):
    accelerator = Accelerator(SerialDevice(CONFIG, board, "serial"), CONFIG)
    accelerator.load(model, RULE)
    return accelerator


def test_generates_what_the_decoder_does(accelerator, decoded, model):
    assert list(accelerator.generate(PROMPT, 14)) == decoded(PROMPT, 14)
    accelerator.reset()
    accelerator.feed([5, 6, 7])
    assert np.array_equal(accelerator.logits(), Decoder(model, sinks=2, window=10).feed([5, 6, 7])[-1])


def test_bits_that_arrive_wrong(accelerator, board, decoded):
    """A request is repeated; nothing that was said is lost."""
    board.flips = {board.answers + number for number in (5, 40, 60, 80)}
    assert list(accelerator.generate(PROMPT, 14)) == decoded(PROMPT, 14)


@pytest.mark.parametrize(
    ("mood", "message"),
    [
        ("silent", "^serial: no answer; is the board on, and `myhdl-acc` its bitstream"),
        ("garbage", "^serial: what came is no answer; is the board on"),
        ("pulled", "^serial: the line broke: device reports readiness"),
    ],
)
def test_a_link_that_does_not_work(board, mood, message):
    board.mood = mood
    with pytest.raises(InputError, match=message):
        SerialDevice(CONFIG, board, "serial")


@pytest.mark.parametrize(("mood", "message"), [("silent", "no answer"), ("pulled", "the line broke")])
def test_a_cable_that_is_pulled_in_a_token(accelerator, board, decoded, model, mood, message):
    tokens = accelerator.generate(PROMPT, 14)
    next(tokens)
    board.mood = mood
    with pytest.raises(DeviceError, match=f"^serial: {message}"):
        list(tokens)
    board.mood = ""
    again = Accelerator(SerialDevice(CONFIG, board, "serial"), CONFIG)
    again.load(model, RULE)
    assert list(again.generate(PROMPT, 14)) == decoded(PROMPT, 14)


@pytest.mark.parametrize(
    ("number", "message"),
    [(0, "^serial: the board has a bitstream of another version"), (1, "bitstream is of another configuration")],
)
def test_another_bitstream(board, number, message):
    board.told[number] += 1
    with pytest.raises(InputError, match=message):
        SerialDevice(CONFIG, board, "serial")


def test_a_model_that_is_too_large(board, model):
    board.told[3] = 1 << 14
    with pytest.raises(InputError, match=r"^serial: the model takes 0\.\d MiB of memory, the board has 0 MiB$"):
        Accelerator(SerialDevice(CONFIG, board, "serial"), CONFIG).load(model, RULE)


def test_a_port_that_is_not_there():
    with pytest.raises(InputError, match=r"^serial: cannot open /dev/nothing: \w+"):
        SerialDevice(CONFIG, "/dev/nothing")
