"""The board as it is built, with its SDRAM and its serial line, decodes the embedded model."""

import importlib.util
import sys

import pytest

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.models import embedded
from myhdl_acc.bitstream import system
from myhdl_acc.bitstream.boards import BOARDS
from myhdl_acc.bitstream.simulation import SimulatedBoard, SimulatedDevice
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.rtl.config import AcceleratorConfig

CONFIG = AcceleratorConfig.preset("ecp5")
HZ = 50_000_000
TOKENS = 100
ENOUGH = 40  # token/s


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("litedram") is None, reason="needs the extra ecp5")
def test_a_hundred_tokens_of_austen():
    """Every byte of the cache and every logit equals golden's; the link loads the model, with short bits."""
    model = embedded.load("austen")
    with SimulatedBoard(BOARDS["ulx3s"], CONFIG, HZ) as board:
        device = SimulatedDevice(CONFIG, board)
        assert device.identity["hz"] == HZ
        board.hurry()
        accelerator = CheckedAccelerator(device, CONFIG, model, LambdaRule(4, 124), choices=TOKENS)
        tokens = list(accelerator.generate(model.tokenizer.prompt("She was"), TOKENS))
    assert len(tokens) == TOKENS and accelerator.checked > TOKENS * model.spec.vocab
    assert TOKENS * HZ / accelerator.cycles > ENOUGH


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("litedram") is None, reason="needs the extra ecp5")
def test_the_netlist_does_what_the_verilog_does():
    """Two tokens of austen, every byte of the cache and every logit compared; both take the same cycles."""
    assert decoded(cells=True) == decoded(cells=False)


def decoded(cells, count=2):
    """What a simulation of the Verilog, or of the ``cells``, chose and compared, and the cycles that it took."""
    model = embedded.load("austen")
    with SimulatedBoard(BOARDS["ulx3s"], CONFIG, HZ, cells) as board:
        device = SimulatedDevice(CONFIG, board, direct=True)
        board.hurry()
        accelerator = CheckedAccelerator(device, CONFIG, model, LambdaRule(4, 12))
        tokens = list(accelerator.generate(model.tokenizer.prompt("She"), count))
        assert accelerator.checked > count * model.spec.vocab
        return tokens, accelerator.checked, accelerator.cycles, board.cycle


@pytest.mark.skipif(importlib.util.find_spec("litedram") is None, reason="needs the extra ecp5")
def test_the_controllers_packages_say_nothing(capsys):
    """Whatever looks at all modules, as the conversion does; standard output is for results."""
    sdram = importlib.import_module("myhdl_acc.bitstream.sdram")
    importlib.reload(sdram)
    for module in list(sys.modules.values()):
        getattr(module, "__file__", None)
    assert capsys.readouterr().out == ""


def test_without_litedram(monkeypatch):
    monkeypatch.setitem(sys.modules, "myhdl_acc.bitstream.sdram", None)
    with pytest.raises(InputError, match=r"^bitstream: .* is not installed; pip install 'myhdl_acc\[ecp5\]'$"):
        system.system_files(BOARDS["ulx3s"], CONFIG, HZ)
