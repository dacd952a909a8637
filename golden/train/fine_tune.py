"""From any float model to W2A8KV4 with 2:4: reconstruction layer by layer, then distillation from end to end."""

import torch

from golden.train.export import to_acc
from golden.train.model import TorchDecoder
from golden.train.reconstruct import reconstruct
from golden.train.training import train

RECONSTRUCTION_WINDOWS = 256


def fine_tune(model, tokens, recipe, sinks=4, window=None, mix=1.0, report=None, **options):
    """The AccModel of ``model`` (FloatModel), trained on ``tokens`` (list) with ``recipe``.

    The float model is the teacher; with ``mix`` = 1 its predictions alone are the aim, for text that is not what it was
    trained on. ``options`` are train()'s: checkpoint, validate, every.
    """
    tensors = {name: model.tensor(name) for name in model.spec.tensors}
    teacher = TorchDecoder(model.spec, tensors, sinks, window)
    student = TorchDecoder(model.spec, tensors, sinks, window, quantised=True)
    tokens = torch.tensor(tokens)
    generator = torch.Generator().manual_seed(recipe.seed)
    first = torch.randint(0, len(tokens) - recipe.length, (RECONSTRUCTION_WINDOWS, 1), generator=generator)
    reconstruct(student, teacher, tokens[first + torch.arange(recipe.length)], report=report)
    train(student, tokens, recipe, teacher=teacher, mix=mix, report=report, **options)
    return to_acc(student, model.tokenizer)
