"""Train a compressed model to predict what its float self predicts.

    python scripts/fine_tune.py glassllm -o build/glassllm-trained.acc --generate 400 --text a.txt --held-out b.txt
    python scripts/fine_tune.py smollm2 --start w4.acc -o trained.acc --text a.txt --mix 0.5 --steps 80 --rate 3e-3 \\
        --batch 8 --window 124

MODEL is what `myhdl-acc compress` takes, and a START what it makes of it: its formats stay; mask, levels and scales
learn. Without one the model becomes w2 with 2:4 first. Needs the extra [train]. It learns from the texts, and from
`--generate` windows that the model writes itself; none of them may contain what the result is judged by. An
interrupted run goes on from OUTPUT.checkpoint. `--control` shows what the float model itself gains from the same
training: so much of the result is the text's.
"""

import argparse
import sys

from golden.llm.train.memory import keep_freed_memory

try:
    import torch
except ImportError:
    sys.exit("error: training needs PyTorch; run: pip install -e '.[train]'")

from golden.errors import InputError
from golden.files import require_writable
from golden.llm import container, models
from golden.llm.compress.own_text import sample
from golden.llm.train.fine_tune import control, fine_tune
from golden.llm.train.training import Recipe, perplexity
from myhdl_acc.cli.exits import run
from myhdl_acc.cli.text_file import read_text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="glassllm, smollm2, a .gguf or a .npz file")
    parser.add_argument("--start", help="a compressed model, .acc, to begin with")
    result = parser.add_mutually_exclusive_group(required=True)
    result.add_argument("-o", "--output", help="the compressed model, .acc")
    result.add_argument(
        "--control",
        action="store_true",
        help="train the float model likewise, writing nothing: compare on --held-out",
    )
    parser.add_argument("--text", action="append", default=[], help="a text to learn from; may be given several times")
    parser.add_argument("--generate", type=int, default=0, help="windows of the model's own text to learn from")
    parser.add_argument("--held-out", help="a text on which the progress is reported")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument(
        "--rate",
        type=float,
        default=1.5e-3,
        help="with a START or --control, a share of every tensor's root mean square",
    )
    parser.add_argument(
        "--mix", type=float, default=1.0, help="share of the float model's predictions in the aim; the rest is the text"
    )
    parser.add_argument("--batch", type=int, default=16, help="windows in a step")
    parser.add_argument("--length", type=int, default=256, help="of a window, at most the model's context")
    parser.add_argument("--window", type=int, help="of the trained model's attention, behind 4 sinks")
    parser.add_argument("--threads", type=int, default=1, help="results are the same only for the same number")
    arguments = parser.parse_args()
    if arguments.control and not arguments.held_out:
        parser.error("--control needs --held-out")
    torch.set_num_threads(arguments.threads)
    if arguments.output:
        read = [*models.files(arguments.model), *arguments.text, *filter(None, [arguments.start])]
        require_writable(arguments.output, inputs=read)
    model = models.load(arguments.model)
    tokens = [token for path in arguments.text for token in model.tokenizer.encode(read_text(path))]
    if arguments.generate:
        tokens += sample(model, arguments.generate, model.spec.context, seed=0).ravel().tolist()
    length = min(model.spec.context, arguments.length)
    if len(tokens) <= length:
        raise InputError(f"there are {len(tokens)} tokens to learn from; give more --text or --generate")
    options = {"report": lambda line: print(line, flush=True)}
    options |= {"every": max(10, arguments.steps // 10), "window": arguments.window, "mix": arguments.mix}
    if arguments.held_out:
        held_out = torch.tensor(model.tokenizer.encode(read_text(arguments.held_out)))
        options["validate"] = lambda student: perplexity(student, held_out, length, batch=4)
    recipe = Recipe(
        arguments.steps,
        arguments.rate,
        arguments.batch,
        length,
        warm_up=min(100, arguments.steps // 10),
        relative=bool(arguments.start or arguments.control),
    )
    if arguments.control:
        control(model, tokens, recipe, **options)
        return
    start = container.load(arguments.start) if arguments.start else None
    trained = fine_tune(model, tokens, recipe, start, checkpoint=arguments.output + ".checkpoint", **options)
    container.save(trained, arguments.output)


if __name__ == "__main__":
    keep_freed_memory()
    run(main)
