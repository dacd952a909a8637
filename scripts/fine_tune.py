"""Train a compressed model to predict what its float self predicts.

    python scripts/fine_tune.py glassllm -o build/glassllm-trained.acc --generate 400 --text a.txt --held-out b.txt
    python scripts/fine_tune.py smollm2 --start w4.acc -o w4-trained.acc --text a.txt --steps 100 --rate 3e-4 \\
        --batch 4 --length 512 --window 124

MODEL is what `myhdl-acc compress` takes, and a START what it makes of it: its formats and scales stay, mask and levels
learn. Without one the model becomes w2 with 2:4 first. Needs the extra [train]. It learns from the texts, and from
`--generate` windows that the model writes itself; none of them may contain what the result is judged by. An
interrupted run goes on from OUTPUT.checkpoint.
"""

import argparse
import sys

from golden.train.memory import keep_freed_memory

try:
    import torch
except ImportError:
    sys.exit("error: training needs PyTorch; run: pip install -e '.[train]'")

from golden import container, models
from golden.compress.own_text import sample
from golden.errors import InputError
from golden.files import require_writable
from golden.train.fine_tune import fine_tune
from golden.train.training import Recipe, perplexity


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="glassllm, smollm2, a .gguf or a .npz file")
    parser.add_argument("--start", help="a compressed model, .acc, to begin with")
    parser.add_argument("-o", "--output", required=True, help="the compressed model, .acc")
    parser.add_argument("--text", action="append", default=[], help="a text to learn from; may be given several times")
    parser.add_argument("--generate", type=int, default=0, help="windows of the model's own text to learn from")
    parser.add_argument("--held-out", help="a text on which the progress is reported")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument(
        "--rate", type=float, default=1.5e-3, help="with a START, a share of every tensor's root mean square"
    )
    parser.add_argument(
        "--mix", type=float, default=1.0, help="share of the float model's predictions in the aim; the rest is the text"
    )
    parser.add_argument("--batch", type=int, default=16, help="windows in a step")
    parser.add_argument("--length", type=int, default=256, help="of a window, at most the model's context")
    parser.add_argument("--window", type=int, help="of the trained model's attention, behind 4 sinks")
    parser.add_argument("--threads", type=int, default=1, help="results are the same only for the same number")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    require_writable(arguments.output)
    model = models.load(arguments.model)
    tokens = [token for path in arguments.text for token in model.tokenizer.encode(_read(path))]
    if arguments.generate:
        tokens += sample(model, arguments.generate, model.spec.context, seed=0).ravel().tolist()
    length = min(model.spec.context, arguments.length)
    if len(tokens) <= length:
        raise InputError(f"there are {len(tokens)} tokens to learn from; give more --text or --generate")
    options = {"checkpoint": arguments.output + ".checkpoint", "report": lambda line: print(line, flush=True)}
    options |= {"every": max(10, arguments.steps // 10), "window": arguments.window, "mix": arguments.mix}
    if arguments.start:
        options["start"] = container.load(arguments.start)
    if arguments.held_out:
        held_out = torch.tensor(model.tokenizer.encode(_read(arguments.held_out)))
        options["validate"] = lambda student: perplexity(student, held_out, length, batch=4)
    recipe = Recipe(
        arguments.steps,
        arguments.rate,
        arguments.batch,
        length,
        warm_up=min(100, arguments.steps // 10),
        relative=bool(arguments.start),
    )
    container.save(fine_tune(model, tokens, recipe, **options), arguments.output)


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}") from None


if __name__ == "__main__":
    keep_freed_memory()
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"error: {error}")
