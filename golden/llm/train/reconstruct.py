"""Block-wise reconstruction: each compressed block learns to give what the float block gave.

Layer by layer (BRECQ, arXiv 2102.05426): a block's inputs come from the compressed blocks before it, its wanted outputs
from the float model, so that errors do not pile up. It needs little text and memory for one layer's states only.
"""

import torch


def reconstruct(student, teacher, windows, steps=100, rate=1e-3, batch=16, report=None):
    """Fit the layers of ``student`` to those of ``teacher`` (TorchDecoders of one spec) on ``windows`` (N, T) tokens.

    Each layer takes ``steps`` of Adam on the squared error relative to the outputs' mean square. Returns that error per
    layer before and after, [(first, last)], on the first ``batch`` windows.
    """
    views = teacher.views(windows.shape[1])
    with torch.no_grad():
        wanted, given = teacher.weight("embedding")[windows], student.weight("embedding")[windows]
    errors = []
    generator = torch.Generator().manual_seed(0)
    for layer in range(student.spec.layers):
        wanted = _outputs(teacher, layer, wanted, views, batch)
        scale = 1 / wanted.square().mean()
        names = [name for name in student.spec.tensors if name.startswith(f"layers.{layer}.")]
        parameters = [student.tensor(name) for name in names]
        optimiser = torch.optim.Adam(parameters, lr=rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        first = _error(student, layer, given[:batch], wanted[:batch], views) * scale
        for _ in range(steps):
            chosen = torch.randint(0, len(windows), (batch,), generator=generator)
            with torch.autocast("cpu", torch.bfloat16):
                outputs = student.block(layer, given[chosen], views)
            optimiser.zero_grad(set_to_none=True)
            ((outputs - wanted[chosen]).square().mean() * scale).backward()
            optimiser.step()
            schedule.step()
        last = _error(student, layer, given[:batch], wanted[:batch], views) * scale
        errors.append((float(first), float(last)))
        if report is not None:
            report(f"layer {layer}: relative squared error {first:.4f}, after {steps} steps {last:.4f}")
        given = _outputs(student, layer, given, views, batch)
    return errors


@torch.no_grad()
def _outputs(model, layer, states, views, batch):
    return torch.cat([model.block(layer, part, views) for part in states.split(batch)])


@torch.no_grad()
def _error(model, layer, given, wanted, views):
    return (model.block(layer, given, views) - wanted).square().mean()
