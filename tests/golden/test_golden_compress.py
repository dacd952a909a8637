import dataclasses

import numpy as np
import pytest
from scipy.special import log_softmax

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm.compress import compress
from golden.llm.compress.compress import METHODS
from golden.llm.compress.kept_layers import NOTHING_KEPT, KeptLayers
from golden.llm.compress.round_to_nearest import round_to_nearest
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.float_model import FloatModel
from golden.numerics import ONE


@pytest.fixture(scope="module")
def sequences():
    return np.random.default_rng(1).integers(0, 11, (8, 48))


def divergence(model, compressed, tokens):
    """Kullback-Leibler divergence of the integer decoder's predictions from the float model's, in nats per token."""
    wanted = log_softmax(FloatDecoder(model).feed(tokens), axis=-1)
    got = log_softmax(Decoder(compressed, rows=64).feed(tokens, every=True) / ONE, axis=-1)
    return (np.exp(wanted) * (wanted - got)).sum(-1).mean()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("rotated", [False, True])
def test_kinds_and_progress(small_model, sequences, method, rotated):
    seen = []
    model = compress(small_model, "w2", "w4", method, rotated, sequences, progress=seen.append)
    assert sorted(seen) == sorted(small_model.spec.tensors)
    for name, matrix in model.matrices.items():
        assert matrix.packed.kind == ("w4" if name in ("embedding", "head") else "w2")


@pytest.mark.parametrize("method", METHODS)
def test_a_kind_for_every_matrix(small_model, sequences, method):
    inner = [name for name in small_model.spec.matrices if name.startswith("layers")]
    kinds = {name: ("w2", "w4", "w8")[index % 3] for index, name in enumerate(inner)}
    model = compress(small_model, kinds, "w8", method, sequences=sequences)
    assert {name: model.matrices[name].packed.kind for name in inner} == kinds
    for wrong in (dict(list(kinds.items())[1:]), kinds | {"head": "w8"}, {}):
        with pytest.raises(InputError, match="kinds must name every matrix"):
            compress(small_model, wrong)


def test_nearest_measures_inputs_for_w4_only(small_model):
    model = compress(small_model, "w2")
    for name in ("embedding", "layers.0.attn_q", "layers.1.ffn_down"):
        kind = "w8" if name == "embedding" else "w2"
        assert (model.matrices[name].to_float() == round_to_nearest(small_model.tensor(name), kind).to_float()).all()
    name = "layers.0.attn_o"  # equalised with nothing, so only weighed
    plain = round_to_nearest(small_model.tensor(name), "w4").to_float()
    assert (compress(small_model, "w4").matrices[name].to_float() != plain).any()


def test_wanda_prunes_by_its_formula(small_model, sequences):
    """Of four weights those with the two largest |weight| · ‖input‖ stay, unless they round to zero."""
    name, inputs = "layers.0.attn_v", []
    embedding = round_to_nearest(small_model.tensor("embedding"), "w8").to_float()
    decoder = FloatDecoder(
        small_model, weights={"embedding": embedding}, observe=lambda n, x: inputs.append(x) if n == name else None
    )
    for tokens in sequences:
        decoder.reset()
        decoder.feed(tokens)
    inputs = np.concatenate(inputs)
    step = np.abs(inputs).max(1, keepdims=True) / 127  # the decoder's, which the calibration meets
    squares = np.square(np.rint(inputs / step) * step).sum(0)
    score = np.abs(small_model.tensor(name)) * np.sqrt(np.maximum(squares, 1e-4 * squares.max()))
    order = np.argsort(-score.reshape(len(score), -1, 4), axis=-1)
    pruned = np.zeros(order.shape, bool)
    np.put_along_axis(pruned, order[..., 2:], True, axis=-1)
    codes, _ = compress(small_model, "w2", method="wanda", sequences=sequences).matrices[name].packed.unpack()
    assert not codes[pruned.reshape(codes.shape)].any()
    assert (codes[~pruned.reshape(codes.shape)] != 0).mean() > 0.8


@pytest.mark.parametrize("kind", ["w2", "w4"])
def test_calibration_gains(small_model, sequences, kind):
    tokens = np.random.default_rng(5).integers(0, 11, 60)
    lost = [
        divergence(small_model, compress(small_model, kind, method=method, sequences=sequences), tokens)
        for method in ("nearest", "gptq")
    ]
    assert lost[1] < 0.7 * lost[0]


@pytest.mark.parametrize("method", METHODS)
def test_interrupted_compression_goes_on_to_the_same_bits(small_model, sequences, tmp_path, method):
    def run(kept=NOTHING_KEPT, progress=None):
        model = compress(
            small_model, "w2", method=method, rotated=True, sequences=sequences, progress=progress, kept_layers=kept
        )
        return {
            name: (matrix.packed.atoms.tobytes(), matrix.scale.mantissa.tobytes())
            for name, matrix in model.matrices.items()
        }

    def interrupt(name):
        if name == "layers.1.ffn_gate":
            raise KeyboardInterrupt

    kept = KeptLayers(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run(kept, interrupt)
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    assert file.name.startswith("layer-0-")
    seen = []
    resumed = run(kept, seen.append)
    assert file.read_bytes() == content
    assert resumed == run()
    assert len(seen) == len(small_model.spec.tensors)


def test_a_model_that_is_not_finite(small_model, sequences):
    def fetch(name):
        tensor = small_model.tensor(name).copy()
        if name == "layers.1.attn_v":
            tensor[0, 0] = np.inf
        return tensor

    model = FloatModel(small_model.spec, small_model.tokenizer, fetch)
    for method in METHODS:
        with pytest.raises(InputError, match=r"layers\.1\.attn_v holds values that are not finite"):
            compress(model, "w2", method=method, sequences=sequences)


def test_values_beyond_the_format(small_model):
    def with_(part, value, spec=small_model.spec):
        def fetch(name):
            return np.full(spec.tensors[name], value, np.float32) if name.endswith(part) else small_model.tensor(name)

        return FloatModel(spec, small_model.tokenizer, fetch)

    for kind in ("w2", "w4", "w8"):
        with np.errstate(over="ignore"):  # of what measures the inputs
            compress(with_("layers.1.attn_o", 1e11), kind)
            with pytest.raises(InputError, match=r"model: tensor layers\.1\.attn_o has weights that are too large"):
                compress(with_("layers.1.attn_o", 1e30), kind)
    with pytest.raises(InputError, match="norm final_norm has an impossible exponent"):
        compress(with_("final_norm", 3e38))
    compress(with_("final_norm", 5400.0))
    with pytest.raises(InputError, match="norm final_norm has a gain of more than 5461, which no product takes"):
        compress(with_("final_norm", -5500.0))
    biased = dataclasses.replace(small_model.spec, biased=True)
    compress(with_("_bias", 32767.0, biased))
    with pytest.raises(InputError, match=r"layers.0.attn_q_bias has values of 32,768 and more"):
        compress(with_("_bias", -32768.0, biased))


def test_activations_that_overflow(small_model, sequences):
    def fetch(name):
        large = name in ("layers.0.ffn_up", "layers.0.ffn_gate")
        return small_model.tensor(name) * np.float32(1e10 if large else 1)

    model = FloatModel(small_model.spec, small_model.tokenizer, fetch)
    with np.errstate(all="ignore"), pytest.raises(InputError, match="not finite"):
        compress(model, "w2", method="gptq", sequences=sequences)


@pytest.mark.parametrize(("kind", "least"), [("w4", 0.9), ("w8", 0.96)])
def test_logits_keep_their_shape(small_model, kind, least):
    tokens = np.random.default_rng(2).integers(0, 11, 24)
    logits = Decoder(compress(small_model, kind)).feed(tokens, every=True)
    exact = FloatDecoder(small_model).feed(tokens)
    assert np.corrcoef(logits.ravel(), exact.ravel())[0, 1] > least


@pytest.mark.parametrize("options", [{"kind": "w3"}, {"head": "int8"}, {"kind": "kv4"}])
def test_unknown_format(small_model, options):
    with pytest.raises(InputError, match="no weight format"):
        compress(small_model, **options)


def test_memory_of_the_headline_format(glassllm, glassllm_w2):
    """2 bits per weight and 6 bytes per channel: the linear layers in 64-bit atoms, rows padded to 32 inputs."""
    for name, matrix in glassllm_w2.matrices.items():
        if name != "embedding":
            rows, cols = glassllm.spec.matrices[name]
            assert matrix.packed.atoms.nbytes == rows * -(-cols // 32) * 8


def test_unknown_method(small_model):
    with pytest.raises(InputError, match="no method 'obq'; there are nearest, wanda, gptq"):
        compress(small_model, method="obq")
