"""From a float model to a compressed one that has learnt to predict what the float model predicts."""

import torch

from golden.llm.train.export import from_acc, to_acc
from golden.llm.train.model import TorchDecoder, two_bits
from golden.llm.train.reconstruct import reconstruct
from golden.llm.train.training import train

RECONSTRUCTION_WINDOWS = 256


def fine_tune(model, tokens, recipe, start=None, sinks=4, window=None, mix=1.0, report=None, **options):
    """The AccModel of ``model`` (FloatModel), trained on ``tokens`` (list) with ``recipe``.

    The float model is the teacher, with attention to all of a text; with ``mix`` = 1 its predictions alone are the aim,
    for text that is not what it was trained on. ``sinks`` and ``window`` are the student's. It begins as ``start``
    (AccModel of the same model, in any formats; its embedding and head stay); without one it becomes w2
    with 2:4, block by block (reconstruct()). ``options`` are train()'s: checkpoint, validate, every.
    """
    tensors = {name: model.tensor(name) for name in model.spec.tensors}
    teacher = TorchDecoder(model.spec, tensors)
    tokens = torch.tensor(tokens)
    if start is None:
        student = TorchDecoder(model.spec, tensors, sinks, window, two_bits(model.spec))
        generator = torch.Generator().manual_seed(recipe.seed)
        first = torch.randint(0, len(tokens) - recipe.length, (RECONSTRUCTION_WINDOWS, 1), generator=generator)
        reconstruct(student, teacher, tokens[first + torch.arange(recipe.length)], report=report)
    else:
        student = from_acc(start, sinks, window)
        _keep_outer(student)
    del tensors  # half a gigabyte of them
    train(student, tokens, recipe, teacher=teacher, mix=mix, report=report, **options)
    return to_acc(student, model.tokenizer)


def control(model, tokens, recipe, sinks=4, window=None, mix=1.0, **options):
    """The float TorchDecoder that ``model`` (FloatModel) becomes where only the rounding is left out of fine_tune().

    What it gains is what a compressed model owes to the text and not to the compression.
    """
    tensors = {name: model.tensor(name) for name in model.spec.tensors}
    teacher, student = TorchDecoder(model.spec, tensors), TorchDecoder(model.spec, tensors, sinks, window)
    _keep_outer(student)
    train(student, torch.tensor(tokens), recipe, teacher=teacher, mix=mix, **options)
    return student


def _keep_outer(student):
    for name in student.spec.matrices:
        student.tensor(name).requires_grad_(name not in ("embedding", "head"))
