"""The training's decoder against the float and the integer ones: skipped without torch, no default dependency."""

import dataclasses
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")
F = torch.nn.functional

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm import container
from golden.llm.compress.compress import OUTER, compress
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.npz import build_tokenizer, load_npz, save_npz, train_tokenizer
from golden.llm.perplexity import perplexity as integer_perplexity
from golden.llm.train import quantisers
from golden.llm.train.export import from_acc, to_acc, to_float
from golden.llm.train.fine_tune import control, fine_tune
from golden.llm.train.model import TorchDecoder, two_bits
from golden.llm.train.reconstruct import reconstruct
from golden.llm.train.training import Recipe, perplexity, prediction_loss, train, windows
from golden.numerics import ONE
from golden.spec import ModelSpec

SINKS, WINDOW = 2, 9


@pytest.fixture(scope="module")
def tensors(small_model):
    return {name: small_model.tensor(name) for name in small_model.spec.tensors}


@pytest.fixture(scope="module")
def text(small_model):
    return np.random.default_rng(1).integers(0, small_model.spec.vocab, 40)


def test_float_logits_are_the_float_decoders_past_evictions(small_model, tensors, text):
    ours = TorchDecoder(small_model.spec, tensors, SINKS, WINDOW)(torch.tensor(text)[None])[0]
    wanted = FloatDecoder(small_model, SINKS, WINDOW).feed(text)
    assert np.abs(ours.detach().numpy() - wanted).max() < 1e-3


def test_weights_of_the_export_are_those_of_training_bit_for_bit(small_model, tensors):
    model = TorchDecoder(small_model.spec, tensors, kinds=two_bits(small_model.spec))
    exported = to_acc(model, small_model.tokenizer)
    for name, matrix in exported.matrices.items():
        used = model.weight(name).detach().numpy()
        assert used.dtype == np.float32 and np.array_equal(used, matrix.to_float()), name


def test_the_integer_decoder_computes_what_training_computed(small_model, tensors, text):
    """The same numbers up to where a rounding falls the other way: logits to a few percent of their spread."""
    model = TorchDecoder(small_model.spec, tensors, SINKS, WINDOW, two_bits(small_model.spec))
    exported = to_acc(model, small_model.tokenizer)
    ours = model(torch.tensor(text)[None])[0].detach().numpy()
    integer = Decoder(exported, sinks=SINKS, window=WINDOW, rows=8).feed(text, every=True) / ONE
    exact = FloatDecoder(
        small_model, SINKS, WINDOW, weights={name: matrix.to_float() for name, matrix in exported.matrices.items()}
    ).feed(text)
    spread = integer.std()
    assert np.sqrt(np.square(ours - integer).mean()) < 0.05 * spread
    # Without the activations' and the cache's roundings it is several times as far away.
    assert np.sqrt(np.square(exact - integer).mean()) > 3 * np.sqrt(np.square(ours - integer).mean())
    long = np.random.default_rng(2).integers(0, small_model.spec.vocab, 320)
    ours = perplexity(model, torch.tensor(long), small_model.spec.context)
    assert abs(ours / integer_perplexity(exported, long, SINKS, WINDOW) - 1) < 0.01


def test_training_goes_on_from_any_compressed_model(small_model, text):
    """Untrained it is the same model again, matrix by matrix and in what it computes."""
    kinds = dict(
        zip(
            [name for name in small_model.spec.matrices if name not in OUTER],
            itertools.cycle(("w2", "w4", "w8")),
            strict=False,
        )
    )
    start = compress(small_model, kinds, method="gptq", rotated=True)
    model = from_acc(start, SINKS, WINDOW)
    again = to_acc(model, small_model.tokenizer)
    for name, matrix in start.matrices.items():
        assert again.matrices[name].packed.kind == matrix.packed.kind
        assert np.array_equal(again.matrices[name].to_float(), matrix.to_float()), name
    ours = model(torch.tensor(text)[None])[0].detach().numpy()
    integer = Decoder(start, sinks=SINKS, window=WINDOW, rows=8).feed(text, every=True) / ONE
    assert np.sqrt(np.square(ours - integer).mean()) < 0.05 * integer.std()


def test_scales_grow_apart_from_the_levels(small_model):
    """Levels stay where only scales have grown; the export holds both, and the loss has a gradient for either."""
    kinds = dict.fromkeys((name for name in small_model.spec.matrices if name not in OUTER), "w2")
    start = compress(small_model, kinds | {"layers.0.attn_q": "w4", "layers.0.ffn_up": "w8"})
    model = from_acc(start, SINKS, WINDOW)
    assert model.growth("layers.0.ffn_up") is None and model.growth("embedding") is None
    with torch.no_grad():
        for growth in model.growths.values():
            growth.copy_(torch.linspace(-9, 0.3, growth.numel()).view_as(growth))
    exported = to_acc(model, small_model.tokenizer)
    for name, matrix in exported.matrices.items():
        assert np.array_equal(matrix.to_float(), model.weight(name).detach().numpy()), name
        assert np.array_equal(matrix.packed.unpack()[0], start.matrices[name].packed.unpack()[0]), name
    scale = exported.matrices["layers.0.attn_q"].packed.unpack()[1]
    assert scale.min() == 1 and not np.array_equal(scale, start.matrices["layers.0.attn_q"].packed.unpack()[1])
    weight = model.weight("layers.1.attn_q")
    weight.square().sum().backward()
    with torch.no_grad():  # d(sum of squares) / d(log of a block's scale) = twice the block's squares
        blocks = quantisers.w2_integers(weight.detach(), model.grids["layers.1.attn_q"])[1].shape[1]
        squares = F.pad(weight.square(), (0, blocks * 32 - weight.shape[1])).view(len(weight), blocks, 32).sum(-1)
    assert torch.allclose(model.growth("layers.1.attn_q").grad, 2 * squares, rtol=1e-4)


def test_fine_tuning_brings_a_compressed_model_nearer_to_the_float_one(small_model, text):
    start = compress(small_model, "w2", method="nearest")
    tokens = np.random.default_rng(3).integers(0, small_model.spec.vocab, 2000).tolist()
    recipe = Recipe(steps=100, rate=3e-2, batch=8, length=24, warm_up=4, relative=True)
    trained = fine_tune(small_model, tokens, recipe, start)
    wanted = FloatDecoder(small_model).feed(text)
    errors = [
        np.square(Decoder(model, rows=8).feed(text, every=True) / ONE - wanted).mean() for model in (start, trained)
    ]
    assert errors[1] < 0.7 * errors[0]
    for name, matrix in trained.matrices.items():
        assert matrix.packed.kind == start.matrices[name].packed.kind
    assert np.array_equal(trained.matrices["embedding"].packed.atoms, start.matrices["embedding"].packed.atoms)


def test_the_control_is_the_float_model_trained_likewise(small_model):
    tokens = [0, 1, 2, 3] * 200
    recipe = Recipe(steps=30, rate=1e-2, batch=4, length=16, warm_up=4, relative=True)
    said = []
    options = {
        "report": said.append,
        "every": 30,
        "validate": lambda model: perplexity(model, torch.tensor(tokens), 16),
    }
    trained = control(small_model, tokens, recipe, SINKS, WINDOW, mix=0.5, **options)
    before, after = (float(line.split()[-1]) for line in said if "validation" in line)
    assert trained.kinds is None and after < 0.5 * before
    untouched = TorchDecoder(small_model.spec, {name: small_model.tensor(name) for name in small_model.spec.tensors})
    assert torch.equal(trained.tensor("embedding"), untouched.tensor("embedding"))
    assert not torch.equal(trained.tensor("layers.0.attn_q"), untouched.tensor("layers.0.attn_q"))


@pytest.mark.parametrize("mix", [0.0, 0.3, 1.0])
def test_the_loss_of_predictions_is_torchs(mix):
    draw = torch.Generator().manual_seed(0)
    states, theirs = (torch.randn(300, 16, generator=draw).requires_grad_() for _ in range(2))
    head, their_head = (torch.randn(11, 16, generator=draw).requires_grad_() for _ in range(2))
    targets = torch.randint(0, 11, (300,), generator=draw)
    wanted = None if mix == 0 else (theirs.detach(), their_head.detach())
    ours = prediction_loss(states, head, targets, wanted, mix)
    gradients = torch.autograd.grad(ours * 3, (states, head))
    logits = states @ head.T
    divergence = F.kl_div(
        logits.log_softmax(-1), (theirs @ their_head.T).log_softmax(-1), log_target=True, reduction="batchmean"
    )
    reference = mix * divergence + (1 - mix) * F.cross_entropy(logits, targets)
    assert torch.allclose(ours, reference, atol=1e-6)
    for gradient, expected in zip(gradients, torch.autograd.grad(reference * 3, (states, head)), strict=True):
        assert torch.allclose(gradient, expected, atol=1e-6)
    head.requires_grad_(False)
    assert torch.equal(
        torch.autograd.grad(prediction_loss(states, head, targets, wanted, mix) * 3, states)[0], gradients[0]
    )


def test_training_learns_and_an_interrupted_run_ends_the_same(tmp_path):
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    tokens = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7] * 40)  # each token tells the next
    recipe = Recipe(steps=60, rate=1e-2, batch=4, length=16, warm_up=5)

    def fresh():
        torch.manual_seed(0)
        return TorchDecoder(spec, kinds=two_bits(spec))

    whole = fresh()
    train(whole, tokens, recipe)
    assert perplexity(whole, tokens, 16) < 1.5 < 7 < perplexity(fresh(), tokens, 16)

    class Interrupted(Exception):
        pass

    def stop(line):
        if line.startswith("step 40 "):
            raise Interrupted

    broken, resumed = fresh(), fresh()
    options = {"checkpoint": tmp_path / "c.pt", "every": 20, "validate": lambda model: 0.0}
    with pytest.raises(Interrupted):
        train(broken, tokens, recipe, report=stop, **options)
    lines = []
    train(resumed, tokens, recipe, report=lines.append, **options)
    assert [line.split()[1] for line in lines if "validation" in line] == ["60"]
    for name in spec.tensors:
        assert torch.equal(whole.tensor(name), resumed.tensor(name)), name


def test_a_relative_rate_is_a_share_of_every_tensors_size():
    """The first step of Adam moves every element by the rate: matrices of very different sizes by the same share."""
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    model = TorchDecoder(spec)
    with torch.no_grad():
        model.tensor("layers.0.attn_v").mul_(100)
    before = {name: model.tensor(name).detach().clone() for name in spec.tensors}
    recipe = Recipe(1, 1e-2, batch=4, length=16, warm_up=1, decay=0.0, relative=True)
    train(model, torch.arange(8).repeat(40), recipe)
    for name, value in before.items():
        moved = (model.tensor(name).detach() - value).abs().max() / value.square().mean().sqrt()
        assert 0.009 < moved < 0.0101, name


def test_a_checkpoint_of_another_recipe_is_not_continued(tmp_path):
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    tokens = torch.arange(8).repeat(10)
    results = []
    for path, steps in (("a", 4), ("b", 8), ("a", 8)):  # the third finds a finished run of 4 steps
        torch.manual_seed(0)
        model = TorchDecoder(spec)
        train(model, tokens, Recipe(steps, 1e-2, batch=2, length=16, warm_up=1), checkpoint=tmp_path / path)
        results.append(model.tensor("embedding").detach().clone())
    assert torch.equal(results[1], results[2]) and not torch.equal(results[0], results[1])


def test_a_checkpoint_of_another_mix_is_not_continued(tmp_path):
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    tokens, teacher = torch.arange(8).repeat(10), TorchDecoder(spec)
    results = []
    for path, mix in (("a", 0.5), ("b", 1.0), ("a", 1.0)):
        torch.manual_seed(0)
        model, recipe = TorchDecoder(spec), Recipe(4, 1e-2, batch=2, length=16, warm_up=1)
        train(model, tokens, recipe, teacher=teacher, mix=mix, checkpoint=tmp_path / path)
        results.append(model.tensor("embedding").detach().clone())
    assert torch.equal(results[1], results[2]) and not torch.equal(results[0], results[1])


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    tokens, recipe, path = torch.arange(8).repeat(10), Recipe(1, 1e-2, batch=2, length=16, warm_up=1), tmp_path / "c"
    train(TorchDecoder(dataclasses.replace(spec, dim=64)), tokens, recipe, checkpoint=path)
    if content is not None:  # otherwise it is that of another model
        path.write_bytes(content)
    with pytest.raises(InputError, match="not a checkpoint of this model; remove it"):
        train(TorchDecoder(spec), tokens, recipe, checkpoint=path)


def test_a_full_disk_is_said_and_the_last_checkpoint_stays(tmp_path, monkeypatch):
    spec = ModelSpec("t", 8, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    tokens, recipe, path = torch.arange(8).repeat(10), Recipe(4, 1e-2, batch=2, length=16, warm_up=1), tmp_path / "c"
    save, saved = torch.save, []

    def full(state, file):
        if saved:
            file.write(b"half of it")
            raise RuntimeError("unexpected pos 704 vs 598")
        saved.append(save(state, file))

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(InputError, match="is the disk full"):
        train(TorchDecoder(spec), tokens, recipe, checkpoint=path, every=2)
    monkeypatch.undo()
    assert [found.name for found in tmp_path.iterdir()] == ["c"] and torch.load(path)["step"] == 2


def test_windows_are_neighbours_and_depend_on_the_step():
    tokens, recipe = torch.arange(1000), Recipe(steps=1, rate=1.0, batch=5, length=7)
    inputs, targets = windows(tokens, recipe, 3)
    assert inputs.shape == (5, 7) and torch.equal(targets, inputs + 1)
    assert torch.equal(inputs, windows(tokens, recipe, 3)[0]) and not torch.equal(inputs, windows(tokens, recipe, 4)[0])


def test_reconstruction_brings_every_block_nearer(small_model, tensors):
    teacher = TorchDecoder(small_model.spec, tensors)
    student = TorchDecoder(small_model.spec, tensors, kinds=two_bits(small_model.spec))
    tokens = torch.tensor(np.random.default_rng(0).integers(0, small_model.spec.vocab, (16, 24)))
    errors = reconstruct(student, teacher, tokens, steps=60, rate=1e-2, batch=8)
    assert len(errors) == small_model.spec.layers and all(last < 0.8 * first for first, last in errors)
    with torch.no_grad():
        wanted, nearest = (
            teacher(tokens),
            TorchDecoder(small_model.spec, tensors, kinds=two_bits(small_model.spec))(tokens),
        )
        assert (student(tokens) - wanted).square().mean() < 0.8 * (nearest - wanted).square().mean()


def test_a_trained_tokenizer_and_float_model_survive_their_files(tmp_path):
    texts = ["the cat sat on the mat\nthe end of the cat\n"] * 5
    description = train_tokenizer(texts, 40)
    tokenizer = build_tokenizer(description)
    assert tokenizer.decode(tokenizer.encode(texts[0])) == texts[0]
    assert len(tokenizer.encode("the cat")) < len("the cat")
    spec = ModelSpec("small", 40, 32, 1, 2, 1, 16, 32, 16, 1e-6, 1e4, True)
    model = TorchDecoder(spec, kinds=two_bits(spec))
    save_npz(to_float(model, tokenizer), description, tmp_path / "m.npz")
    loaded = load_npz(tmp_path / "m.npz", "small")
    assert loaded.spec == dataclasses.replace(spec, family="llama")
    assert loaded.tokenizer.encode(texts[0]) == tokenizer.encode(texts[0])
    for name in spec.tensors:
        assert np.array_equal(loaded.tensor(name), model.tensor(name).detach().numpy()), name
    container.save(to_acc(model, tokenizer), tmp_path / "m.acc")
    assert container.load(tmp_path / "m.acc").tokenizer.decode(tokenizer.encode("a cat")) == "a cat"
    with pytest.raises(InputError, match="cannot write"):
        save_npz(to_float(model, tokenizer), description, tmp_path / "no" / "m.npz")
