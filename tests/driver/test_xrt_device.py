"""The driver through XrtDevice on a stand-in for pyxrt (there is no card here)."""

import sys

import fake_pyxrt
import numpy as np
import pytest

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.driver import Accelerator, DeviceError
from myhdl_acc.driver.xrt_device import XrtDevice
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES


@pytest.fixture
def accelerator(config, model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyxrt", fake_pyxrt)
    monkeypatch.setattr(fake_pyxrt.device, "config", config)
    xclbin = tmp_path / "kernel.xclbin"
    xclbin.write_bytes(b"")
    accelerator = Accelerator(XrtDevice(config, xclbin), config)
    accelerator.load(model, LambdaRule(2, 10))
    return accelerator


def test_generates_what_the_decoder_does(accelerator, model):
    decoder = Decoder(model, sinks=2, window=10)
    assert list(accelerator.generate([3, 1, 4], 14)) == list(decoder.generate([3, 1, 4], 14))


def test_logits(accelerator, model):
    accelerator.feed([5, 6, 7])
    assert np.array_equal(accelerator.logits(), Decoder(model, sinks=2, window=10).feed([5, 6, 7])[-1])


def test_what_a_token_costs(accelerator, config):
    """load() sets all pointers and the program's address; a pass sets the length of its program alone. The token comes
    from all logits, as registers cannot be read; to tell a run without logits takes a beat of each lane, both ways.
    """
    accelerator.feed([1])
    fake_pyxrt.calls.clear()
    fake_pyxrt.moved.clear()
    accelerator.feed([2])
    assert fake_pyxrt.calls == {
        "set_arg": 1, "start": 1, "wait": 1, "XCL_BO_SYNC_BO_TO_DEVICE": 1 + config.lanes,
        "XCL_BO_SYNC_BO_FROM_DEVICE": 2 * config.lanes,
    }  # fmt: skip
    lane_beats, logits = config.lanes * config.beat_bits // 8, accelerator.regions["logits"].beats
    assert fake_pyxrt.moved["XCL_BO_SYNC_BO_FROM_DEVICE"] == (logits + 1) * lane_beats
    program = fake_pyxrt.moved["XCL_BO_SYNC_BO_TO_DEVICE"] - lane_beats
    assert program == len(accelerator._compiler.program(1, [2], True)) * INSTRUCTION_BYTES


def test_a_run_that_does_not_end(accelerator, monkeypatch):
    monkeypatch.setattr(fake_pyxrt.device, "finishes", False)
    with pytest.raises(DeviceError, match="did not finish within 60 s"):
        accelerator.feed([1])


def test_a_run_without_result(accelerator, monkeypatch):
    """A failed program raises no error in XRT: the missing logits show it, even if there are some of an earlier run."""
    accelerator.feed([1])
    monkeypatch.setattr(fake_pyxrt.device, "breaks", True)
    with pytest.raises(DeviceError, match="ended without logits"):
        accelerator.feed([1])


def test_registers_cannot_be_read(accelerator):
    with pytest.raises(DeviceError, match="0x02C cannot be read"):
        accelerator.status()
    with pytest.raises(DeviceError, match="0x004 cannot be written"):
        accelerator._device.write_register(4, 1)


def test_without_pyxrt(config, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyxrt", None)
    with pytest.raises(InputError, match=r"missing\.xclbin: no such file"):
        XrtDevice(config, tmp_path / "missing.xclbin")
    (tmp_path / "kernel.xclbin").write_bytes(b"")
    with pytest.raises(InputError, match="no module pyxrt; install XRT"):
        XrtDevice(config, tmp_path / "kernel.xclbin")
