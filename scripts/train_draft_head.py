"""Train the draft head of a compressed model, and write the model with it.

    python scripts/train_draft_head.py austen -o build/austen.acc --novels build/austen
    python scripts/train_draft_head.py model.acc -o drafting.acc --text a.txt --ffn 512

The model writes texts of its own, most likely and drawn ones, that begin as places of the texts do; the head learns to
guess them. What the model computes does not change. Needs the extra [train], and for --novels apt-get and dpkg.
"""

import argparse
import dataclasses
import sys
import time

from golden.llm.train.memory import keep_freed_memory

try:
    import torch
except ImportError:
    sys.exit("error: training needs PyTorch; run: pip install -e '.[train]'")

from golden.errors import InputError
from golden.files import require_writable
from golden.llm import container
from golden.llm.models import embedded
from golden.llm.train import austen
from golden.llm.train.continuation import continue_texts
from golden.llm.train.draft_head import DraftRecipe, TorchDraftHead, train_draft_head
from golden.llm.train.export import from_acc
from myhdl_acc.cli.exits import run
from myhdl_acc.cli.text_file import read_text

BEGUN = 12  # tokens of a text that the model goes on with
TEMPERATURE = 0.8  # of the drawn ones


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a compressed model, .acc, or austen")
    parser.add_argument("-o", "--output", required=True, help="the same model with a draft head, .acc")
    parser.add_argument(
        "--text", action="append", default=[], help="beginnings come from it; may be given several times"
    )
    parser.add_argument("--novels", help="directory of Austen's novels, which are downloaded there: the text of austen")
    parser.add_argument("--ffn", type=int, default=256, help="values in the head's feed-forward [%(default)s]")
    parser.add_argument("--kind", choices=("w2", "w4", "w8"), default="w2", help="format of its matrices [%(default)s]")
    parser.add_argument(
        "--texts", type=int, default=768, help="that the model writes, two of three greedily [%(default)s]"
    )
    parser.add_argument("--length", type=int, default=192, help="tokens of each [%(default)s]")
    parser.add_argument("--steps", type=int, default=DraftRecipe.steps, help="[%(default)s]")
    parser.add_argument("--threads", type=int, default=1, help="results are the same only for the same number")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    require_writable(arguments.output, inputs=[embedded.locate(arguments.model), *arguments.text])
    model = embedded.load(arguments.model)
    texts = [read_text(path) for path in arguments.text]
    if arguments.novels:
        texts.append(austen.split(austen.novels(arguments.novels))[0])
    tokens = torch.tensor([token for text in texts for token in model.tokenizer.encode(text)], dtype=torch.long)
    if len(tokens) <= BEGUN:
        raise InputError(f"there are {len(tokens)} tokens to begin with; give --text or --novels")

    started = time.perf_counter()
    decoder = from_acc(model).requires_grad_(False)
    written, states = [], []
    for seed, (count, temperature) in enumerate(
        ((arguments.texts - arguments.texts // 3, 0.0), (arguments.texts // 3, TEMPERATURE))
    ):
        begun = _beginnings(tokens, count, model.tokenizer.prompt("")[:1], seed)
        parts = continue_texts(decoder, begun, arguments.length - BEGUN, temperature, seed)
        written.append(parts[0])
        states.append(parts[1].half())
        _say(f"{count} texts at temperature {temperature}: {time.perf_counter() - started:.0f} s")
    embedding, output = (decoder.weight(name) for name in ("embedding", "embedding" if model.spec.tied else "head"))
    recipe = DraftRecipe(steps=arguments.steps)
    head = TorchDraftHead(model.spec, embedding, output, arguments.ffn, seed=recipe.seed)
    train_draft_head(head, arguments.kind, output, torch.cat(written), torch.cat(states), recipe, report=_say)
    container.save(dataclasses.replace(model, draft=head.matrices()), arguments.output)
    _say(f"{time.perf_counter() - started:.0f} s in all")


def _beginnings(tokens, count, first, seed):
    """``count`` windows of BEGUN ``tokens`` at random places; each begins with the tokens ``first`` of any prompt."""
    at = torch.randint(0, len(tokens) - BEGUN, (count, 1), generator=torch.Generator().manual_seed(seed))
    windows = tokens[at + torch.arange(BEGUN)]
    windows[:, : len(first)] = torch.tensor(first, dtype=torch.long)
    return windows


def _say(line):
    print(line, flush=True)


if __name__ == "__main__":
    keep_freed_memory()
    run(main)
