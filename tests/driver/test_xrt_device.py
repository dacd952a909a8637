"""The driver through XrtDevice on a stand-in for pyxrt (there is no card here)."""

import sys

import fake_pyxrt
import numpy as np
import pytest
from small_rule import RULE

from golden.decoder import Decoder
from golden.errors import InputError
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, DeviceError
from myhdl_acc.driver.xrt_device import XrtDevice
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES

PROMPT = [3, 1, 4]


@pytest.fixture
def make(config, model, tmp_path, monkeypatch):
    """``make(timeout)``: an Accelerator with the model."""
    monkeypatch.setitem(sys.modules, "pyxrt", fake_pyxrt)
    monkeypatch.setattr(fake_pyxrt.device, "config", config)
    xclbin = tmp_path / "kernel.xclbin"
    xclbin.write_bytes(b"")

    def accelerator(*timeout):
        accelerator = Accelerator(XrtDevice(config, xclbin), config, 1, *timeout)
        accelerator.load(model, RULE)
        return accelerator

    return accelerator


@pytest.fixture
def accelerator(make):
    return make()


def test_generates_what_the_decoder_does(accelerator, decoded):
    assert list(accelerator.generate(PROMPT, 14)) == decoded(PROMPT, 14)


def test_any_seed(accelerator, decoded):
    """Its halves are C++ ints on their way."""
    sampling = Sampling.of(15, seed=0xFEDCBA9876543210)
    assert list(accelerator.generate(PROMPT, 6, sampling=sampling)) == decoded(PROMPT, 6, sampling=sampling)


def test_logits(accelerator, model):
    accelerator.feed([5, 6, 7])
    assert np.array_equal(accelerator.logits(), Decoder(model, sinks=2, window=10).feed([5, 6, 7])[-1])


def test_what_a_run_costs(accelerator, config):
    """load() has set all pointers and the program; a run needs its prompt, and of each token 16 bytes come back."""
    accelerator.feed([1])
    fake_pyxrt.calls.clear()
    fake_pyxrt.moved.clear()
    accelerator.start([2] * 3, 5)
    arguments = fake_pyxrt.calls.pop("set_arg")
    assert arguments < 10 and len(list(accelerator.tokens())) == 5
    looks = 5 + 1 + 6  # each entry was looked for in vain once, as the device here goes on only while it is waited for
    assert fake_pyxrt.calls == {
        "start": 1, "wait": 6, "XCL_BO_SYNC_BO_TO_DEVICE": 1, "XCL_BO_SYNC_BO_FROM_DEVICE": looks
    }  # fmt: skip
    assert fake_pyxrt.moved["XCL_BO_SYNC_BO_FROM_DEVICE"] == 16 * looks
    assert fake_pyxrt.moved["XCL_BO_SYNC_BO_TO_DEVICE"] == config.beat_bits // 8


def test_the_program_is_written_once(make):
    fake_pyxrt.moved.clear()
    accelerator = make()
    written = fake_pyxrt.moved["XCL_BO_SYNC_BO_TO_DEVICE"]
    list(accelerator.generate(PROMPT, 3))
    ring = accelerator.regions["results"].beats * 16
    assert fake_pyxrt.moved["XCL_BO_SYNC_BO_TO_DEVICE"] == written + ring + 16
    assert written > len(accelerator._compiler.program) * INSTRUCTION_BYTES


def test_a_run_cannot_be_stopped(accelerator, decoded):
    """So a start chooses few tokens, and who leaves waits for these."""
    fake_pyxrt.calls.clear()
    tokens = accelerator.generate(PROMPT, 100)
    assert next(tokens) == decoded(PROMPT, 1)[0]
    tokens.close()
    assert accelerator.position == 3 + 63 and fake_pyxrt.calls["start"] == 1


def test_a_run_that_does_not_end(make, monkeypatch):
    accelerator = make(0.01)
    monkeypatch.setattr(fake_pyxrt.device, "finishes", False)
    with pytest.raises(DeviceError, match=r"no token came within 0\.01 s"):
        accelerator.feed([1])


def test_a_run_that_fails(accelerator, monkeypatch):
    monkeypatch.setattr(fake_pyxrt.device, "finishes", False)
    monkeypatch.setattr(fake_pyxrt.device, "fails", fake_pyxrt.ert_cmd_state.ERT_CMD_STATE_ERROR)
    with pytest.raises(DeviceError, match=r"the kernel did not finish .*STATE_ERROR"):
        accelerator.feed([1])


def test_a_run_without_result(accelerator, monkeypatch):
    """XRT raises no error: the missing entry shows it, even if there are some of an earlier run."""
    accelerator.feed([1])
    monkeypatch.setattr(fake_pyxrt.device, "breaks", True)
    with pytest.raises(DeviceError, match="ended without a word"):
        accelerator.feed([1])


def test_a_program_that_fails(accelerator):
    """The last entry says so, where no register can be read."""
    program = accelerator.regions["program"].address * 16
    accelerator._device.write_memory(0, program, b"\xff" * 32)
    with pytest.raises(DeviceError, match=r"instruction \?: status illegal"):
        accelerator.feed([1])


def test_nothing_was_started(accelerator):
    with pytest.raises(DeviceError, match="nothing was started"):
        accelerator._device.advance()


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
