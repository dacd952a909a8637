"""Lets the tests of this directory share their helpers, and a program of everything that there is."""

import dataclasses
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from decoding import CONFIGS
from synthetic import synthetic_model

from golden.lambda_attention import LambdaRule
from myhdl_acc.program.compiler import Compiler


@pytest.fixture(scope="session")
def config():
    return dataclasses.replace(CONFIGS["one"], rows=2, acc_depth=32)


@pytest.fixture(scope="session", params=[{}, {"biased": True, "head_norms": True, "unrotated": (1,)}])
def compiler(request, config):
    """A cache of four operations, three query heads per key/value head, which two rows take in two turns."""
    sizes = {"vocab": 20, "dim": 64, "layers": 2, "heads": 6, "kv_heads": 2, "head_dim": 32, "ffn": 64, "context": 64}
    return Compiler(synthetic_model("w2", tied=True, **sizes, **request.param), LambdaRule(2, 120), config)


@pytest.fixture(scope="session")
def program(compiler):
    """Of one token behind the window's end, as the units execute it."""
    return compiler.passes(compiler.request([3], 1, 200))
