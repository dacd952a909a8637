"""Train the draft head of a compressed model, and write the model with it.

    python scripts/train_draft_head.py austen -o build/austen.acc --novels build/austen
    python scripts/train_draft_head.py model.acc -o drafting.acc --text a.txt --ffn 512
    python scripts/train_draft_head.py answering.acc -o drafting.acc --vocab 16384 --bfloat16

The model writes texts of its own, most likely and drawn ones; the head learns to guess them. They begin as places of
the texts do. Without a text the model, which must have a chat template, answers questions. What it computes does not
change. Needs the extra [train], and for --novels apt-get and dpkg.
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

from golden.draft_shapes import DraftSize, check_draft_shapes, draft_shapes
from golden.errors import InputError
from golden.files import require_writable
from golden.llm import container
from golden.llm.models import embedded
from golden.llm.models.chat_template import require_template
from golden.llm.train import austen, own_texts
from golden.llm.train.continuation import continue_texts
from golden.llm.train.draft_head import DraftRecipe, TorchDraftHead, train_draft_head
from golden.llm.train.export import from_acc
from myhdl_acc.cli.exits import run
from myhdl_acc.cli.text_file import read_text


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a compressed model, .acc, or austen")
    parser.add_argument("-o", "--output", required=True, help="the same model with a draft head, .acc")
    parser.add_argument(
        "--text", action="append", default=[], help="beginnings come from it; may be given several times"
    )
    parser.add_argument("--novels", help="directory of Austen's novels, which are downloaded there: the text of austen")
    parser.add_argument("--ffn", type=int, default=256, help="values in the head's feed-forward [%(default)s]")
    parser.add_argument("--vocab", type=int, help="the head's drafts are of the first so many tokens [all]")
    parser.add_argument("--kind", choices=("w2", "w4", "w8"), default="w2", help="format of its matrices [%(default)s]")
    parser.add_argument("--texts", type=int, default=768, help="that the model writes [%(default)s]")
    parser.add_argument("--length", type=int, default=192, help="tokens of each [%(default)s]")
    parser.add_argument(
        "--float-steps", type=int, default=DraftRecipe.float_steps, help="without rounding [%(default)s]"
    )
    parser.add_argument("--steps", type=int, default=DraftRecipe.steps, help="behind them [%(default)s]")
    parser.add_argument("--rate", type=float, default=DraftRecipe.rate, help="of the latter steps [%(default)s]")
    parser.add_argument("--bfloat16", action="store_true", help="products in bfloat16, which some processors do faster")
    parser.add_argument("--threads", type=int, default=1, help="results are the same only for the same number")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    require_writable(arguments.output, inputs=[embedded.locate(arguments.model), *arguments.text])
    model = embedded.load(arguments.model)
    size = DraftSize(arguments.ffn, arguments.vocab or model.spec.vocab)
    check_draft_shapes(model.spec, draft_shapes(model.spec, size))
    dtype = torch.bfloat16 if arguments.bfloat16 else torch.float32
    started = time.perf_counter()
    decoder = from_acc(model).requires_grad_(False)

    def write(prompts, temperature, seed, turns):
        ends = model.tokenizer.rules.end
        tokens, own, states = continue_texts(decoder, prompts, arguments.length, temperature, seed, dtype, ends, turns)
        _say(f"{len(prompts)} texts at temperature {temperature}: {time.perf_counter() - started:.0f} s")
        return tokens, own, states.half()

    written = [torch.cat(parts) for parts in zip(*_texts(write, model, arguments), strict=True)]
    embedding, output = (decoder.weight(name) for name in ("embedding", "embedding" if model.spec.tied else "head"))
    recipe = DraftRecipe(arguments.steps, arguments.float_steps, arguments.rate, dtype=dtype)
    head = TorchDraftHead(model.spec, embedding, output, size, seed=recipe.seed)
    train_draft_head(head, arguments.kind, output, *written, recipe, report=_say)
    container.save(dataclasses.replace(model, draft=head.matrices()), arguments.output)
    _say(f"{time.perf_counter() - started:.0f} s in all")


def _texts(write, model, arguments):
    texts = [read_text(path) for path in arguments.text]
    if arguments.novels:
        texts.append(austen.split(austen.novels(arguments.novels))[0])
    tokenizer = model.tokenizer
    if not texts:
        require_template(tokenizer)
        return own_texts.conversations(write, tokenizer, arguments.texts)
    tokens = [token for text in texts for token in tokenizer.encode(text)]
    if len(tokens) <= own_texts.BEGUN:
        raise InputError(f"there are {len(tokens)} tokens to begin with; a text begins with {own_texts.BEGUN}")
    return own_texts.continuations(write, tokens, arguments.texts, tokenizer.prompt("")[:1])


def _say(line):
    print(line, flush=True)


if __name__ == "__main__":
    keep_freed_memory()
    run(main)
