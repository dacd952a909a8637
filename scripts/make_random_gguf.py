"""Writes a Llama model with random weights in Q4_0 as GGUF, to measure what a model's size takes.

``make_random_gguf.py llama-2-7b -o 7b.gguf``: the shapes are those of ``myhdl-acc perf``. The tokenizer has the form of
Llama 2's: SentencePiece's special tokens and bytes, then numbered words that no text makes.
"""

import argparse
import sys
from pathlib import Path

import gguf
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from golden.errors import InputError
from golden.files import replacing
from myhdl_acc.cli.exits import run
from myhdl_acc.report.perf.shapes import NAMES, shape

_BLOCK = np.dtype([("scale", "<f2"), ("octets", "u1", 16)])  # of Q4_0: 32 weights of scale · (nibble − 8)
_SPREAD = 4.6  # root mean square of a random nibble − 8
_NAMES = {"embedding": "token_embd", "head": "output", "final_norm": "output_norm"}


def random_gguf(spec, path, seed=0):
    """Write a model of ``spec`` (ModelSpec) to ``path``, always the same for a ``seed``; memory holds one tensor.

    Raises InputError where a matrix has no whole blocks of Q4_0, or the vocabulary no room for all bytes.
    """
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(None, "llama")
    _metadata(writer, spec)
    for name, sizes in spec.tensors.items():
        kind, octets = gguf.GGMLQuantizationType.F32, 4 * sizes[0]
        if len(sizes) == 2:
            if sizes[1] % 32:
                raise InputError(f"{name}: rows of {sizes[1]} are not whole blocks of Q4_0")
            kind, octets = gguf.GGMLQuantizationType.Q4_0, sizes[0] * sizes[1] // 32 * _BLOCK.itemsize
        writer.add_tensor_info(_stored_name(name), sizes, np.dtype(np.float32), octets, kind)
    with replacing(path, "wb") as file:
        writer.fout, writer.state = [file], gguf.gguf_writer.WriterState.EMPTY
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name, sizes in spec.tensors.items():
            writer.write_tensor_data(_random(rng, name, sizes))


def _random(rng, name, sizes):
    if len(sizes) == 1:
        return (1 + rng.normal(size=sizes) / 8).astype(np.float32)
    blocks = np.empty((sizes[0], sizes[1] // 32), _BLOCK)
    wanted = 1 if name == "embedding" else 1 / np.sqrt(sizes[1])
    blocks["scale"] = wanted / _SPREAD * rng.uniform(0.7, 1.3, blocks.shape)
    blocks["octets"] = np.frombuffer(rng.bytes(blocks.size * 16), np.uint8).reshape(*blocks.shape, 16)
    return blocks


def _stored_name(name):
    if name in _NAMES:
        return f"{_NAMES[name]}.weight"
    _, layer, part = name.split(".")
    return f"blk.{layer}.{'attn_output' if part == 'attn_o' else part}.weight"


def _metadata(writer, spec):
    writer.add_name(f"random {spec.name}")
    writer.add_context_length(spec.context)
    writer.add_embedding_length(spec.dim)
    writer.add_block_count(spec.layers)
    writer.add_feed_forward_length(spec.ffn)
    writer.add_head_count(spec.heads)
    writer.add_head_count_kv(spec.kv_heads)
    writer.add_key_length(spec.head_dim)
    writer.add_value_length(spec.head_dim)
    writer.add_rope_dimension_count(spec.head_dim)
    writer.add_layer_norm_rms_eps(spec.eps)
    writer.add_rope_freq_base(spec.rope_base)
    special = [("<unk>", gguf.TokenType.UNKNOWN), ("<s>", gguf.TokenType.CONTROL), ("</s>", gguf.TokenType.CONTROL)]
    octets = [(f"<0x{value:02X}>", gguf.TokenType.BYTE) for value in range(256)]
    words = [(f"▁word{index}", gguf.TokenType.NORMAL) for index in range(spec.vocab - len(special) - len(octets) - 1)]
    tokens, kinds = zip(*special, *octets, ("▁", gguf.TokenType.NORMAL), *words, strict=True)
    if len(tokens) != spec.vocab:
        raise InputError(f"{spec.name}: a vocabulary of {spec.vocab} has no room for all bytes")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(index) for index in range(spec.vocab)])
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=NAMES)
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--layers", type=int, help="instead of as many as the model has")
    arguments = parser.parse_args()
    random_gguf(shape(arguments.model, layers=arguments.layers).spec, arguments.output)


if __name__ == "__main__":
    run(main)
