"""A small model for the driver, and helpers for its tests."""

import dataclasses
import sys
from pathlib import Path

import pytest
from synthetic import synthetic_model

from golden.decoder import Decoder
from myhdl_acc.rtl.config import AcceleratorConfig

sys.path.insert(0, str(Path(__file__).parent))
from small_rule import RULE, SIZES


@pytest.fixture(scope="session")
def config():
    return dataclasses.replace(AcceleratorConfig.preset("tiny"), vector_depth=512)


@pytest.fixture(scope="session")
def model():
    """It says many things."""
    return synthetic_model("w4", tied=False, **SIZES)


@pytest.fixture(scope="session")
def decoded(model):
    """``decoded(prompt, count, …)``: the tokens that the decoder alone chooses."""

    def tokens(prompt, count, *parameters, **named):
        return list(Decoder(model, sinks=RULE.sinks, window=RULE.window).generate(prompt, count, *parameters, **named))

    return tokens
