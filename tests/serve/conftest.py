"""Servers of a tiny model."""

import dataclasses
import sys
from pathlib import Path

import pytest
from synthetic import synthetic_model

from golden.llm.models.tokenizer import TextRules
from myhdl_acc.rtl.config import AcceleratorConfig

sys.path.insert(0, str(Path(__file__).parent))
from serving import LIMITS, SIZES, TEMPLATE, HeldDevice, Served


@pytest.fixture(scope="session")
def config():
    return dataclasses.replace(AcceleratorConfig.preset("tiny"), vector_depth=512)


@pytest.fixture(scope="session")
def serve(config):
    """``serve(end=(7,), waiting=3)``: a context with a Served; its model has a chat template unless told otherwise."""
    model = synthetic_model("w4", tied=False, **SIZES)  # it says many things

    def make(end=(), template=TEMPLATE, waiting=64, limits=LIMITS, device=HeldDevice, batch=0):
        tokenizer = model.tokenizer.with_rules(TextRules(end=end, template=template))
        return Served(
            dataclasses.replace(model, tokenizer=tokenizer), device(config), config, waiting, limits, batch=batch
        )

    return make


@pytest.fixture(scope="module")
def served(serve):
    """A server for tests that leave it as it was."""
    with serve() as served:
        yield served
