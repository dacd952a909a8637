"""Train the embedded model: in float, then at W2A8KV4 with 2:4 and Λ attention, distilled from its float self.

    python scripts/train_embedded.py -o build/austen

Needs the extra [train] and, for the text, apt-get and dpkg. Everything goes to the output directory: checkpoints, from
which an interrupted run goes on, `austen-float.npz` with its tokenizer, `austen.acc`, the held-out novel as
`persuasion.txt`, and `report.json` with every figure of the model card.
"""

import argparse
import dataclasses
import json
import os
import sys

from golden.llm.train.memory import keep_freed_memory

try:
    import torch
except ImportError:
    sys.exit("error: training needs PyTorch; run: pip install -e '.[train]'")

import golden.llm.perplexity
from golden.files import replacing
from golden.llm import container
from golden.llm.models.npz import build_tokenizer, save_npz, train_tokenizer
from golden.llm.train import austen
from golden.llm.train.export import to_acc, to_float
from golden.llm.train.model import TorchDecoder, two_bits
from golden.llm.train.training import Recipe, perplexity, train
from golden.spec import ModelSpec
from myhdl_acc.cli.exits import run

SPEC = ModelSpec(
    "austen", vocab=1024, dim=256, layers=3, heads=4, kv_heads=2, head_dim=64, ffn=640, context=128, eps=1e-6,
    rope_base=1e4, tied=True, family="llama",
)  # fmt: skip
# The context is what attention spans: 4 sinks and a window of 124. Texts of twice that length train it, so that in each
# of them tokens are evicted.
FLOAT = Recipe(steps=2500, rate=2e-3, length=2 * SPEC.context)
COMPRESSED = Recipe(steps=2000, rate=2e-3, length=2 * SPEC.context, seed=1)
MIX = 0.5


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", default="build/austen", help="directory of all results [%(default)s]")
    parser.add_argument(
        "--threads", type=int, default=1, help="of torch; results are the same only for the same number"
    )
    parser.add_argument(
        "--control", action="store_true", help="also train the float model on, just as the compressed one"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    def at(name):
        return os.path.join(arguments.output, name)

    texts = austen.split(austen.novels(arguments.output))
    description = train_tokenizer([texts[0]], SPEC.vocab)
    tokenizer = build_tokenizer(description)
    tokens, validation, test = (torch.tensor(tokenizer.encode(text)) for text in texts)
    with replacing(at("persuasion.txt")) as file:
        file.write(texts[2])
    print(f"{len(tokens):,} tokens to train on, {len(validation):,} to validate, {len(test):,} held out", flush=True)

    torch.manual_seed(FLOAT.seed)
    teacher = TorchDecoder(SPEC)
    options = {"report": _say, "validate": lambda model: perplexity(model, validation)}
    seconds = {"float": train(teacher, tokens, FLOAT, checkpoint=at("float.pt"), **options)}
    float_model = to_float(teacher, tokenizer)
    save_npz(float_model, description, at("austen-float.npz"))

    tensors = {name: float_model.tensor(name) for name in SPEC.tensors}
    student = TorchDecoder(SPEC, tensors, kinds=two_bits(SPEC))
    _say(f"compressed, not yet trained: validation {perplexity(student, validation):.2f}")
    options |= {"teacher": teacher, "mix": MIX, "checkpoint": at("compressed.pt")}
    seconds["compressed"] = train(student, tokens, COMPRESSED, **options)
    compressed = to_acc(student, tokenizer)
    container.save(compressed, at("austen.acc"))

    report = {"parameters": SPEC.parameters, "bytes": os.path.getsize(at("austen.acc")), "seconds": seconds}
    report["tokens"] = {"training": len(tokens), "validation": len(validation), "test": len(test)}
    for name, model in (("float", teacher), ("compressed", student)):
        report[name] = {"validation": perplexity(model, validation), "test": perplexity(model, test)}
    _say("the integer decoder on the held-out novel: windows of 256, then of 128 as the commands take them")
    longer = dataclasses.replace(compressed, spec=dataclasses.replace(SPEC, context=COMPRESSED.length))
    report["integer"] = {
        "test": golden.llm.perplexity.perplexity(longer, test.tolist(), window=SPEC.context - 4),
        "test, context": golden.llm.perplexity.perplexity(compressed, test.tolist()),
    }
    report["float"]["test, context"] = golden.llm.perplexity.perplexity(float_model, test.tolist())
    if arguments.control:
        control = TorchDecoder(SPEC, tensors)
        seconds["control"] = train(control, tokens, COMPRESSED, **options | {"checkpoint": at("control.pt")})
        report["control"] = {"validation": perplexity(control, validation), "test": perplexity(control, test)}
    report["ratio"] = report["integer"]["test"] / report["float"]["test"]
    with replacing(at("report.json")) as file:
        json.dump(report, file, indent=2)
    print(json.dumps(report, indent=2))


def _say(line):
    print(line, flush=True)


if __name__ == "__main__":
    keep_freed_memory()
    run(main)
