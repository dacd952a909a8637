"""The vector unit by itself: its instructions and the engine's results go in, and what it sends out is compared."""

import dataclasses
from types import SimpleNamespace

import numpy as np
from myhdl import Signal, always_comb, intbv
from synthetic import synthetic_model

from golden.machine import Machine, Memory
from golden.machine.engine import Results
from golden.machine.load import ActivationBuffer, Slices
from golden.machine.vector import VectorUnit
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record
from myhdl_acc.hdl.stream.stream import Stream
from myhdl_acc.hdl.wiring import unused
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.image import model_image
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.command import result_stream
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.vector_unit import vector_unit
from myhdl_acc.simulate import Design, clock, reset

TINY = AcceleratorConfig.preset("tiny")
# 128 channels are two operations of a lane's 32, so that peaks and norms go over several.
SHAPE = {"vocab": 40, "dim": 128, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 96, "context": 64, "tied": False}


def model_of(layers, seed, **variant):
    """A random model whose norms' ε is too large to be missed."""
    model = synthetic_model("w2", seed=seed, layers=layers, **SHAPE, **variant)
    norms = {name: dataclasses.replace(norm, eps=1 << 34) for name, norm in model.norms.items()}
    return dataclasses.replace(model, norms=norms)


@entity(outputs=("said",))
def vector_bench(
    clk,
    rst,
    sink_op,
    sink_result,
    source_weights,
    source_logits,
    source_activation,
    said,
    sampling,
    config,
):
    """The vector unit, whose writes to the activation buffer are a stream that must always be ready."""
    activation = Record(write=1, index=16, data=config.rows * config.lanes * 8)
    entry, entry_word = Signal(intbv(0)[8:]), Signal(intbv(0)[config.rows * 32 :])
    vector_unit(
        sink_op=sink_op,
        sink_result=sink_result,
        source_weights=source_weights,
        source_logits=source_logits,
        activation=activation,
        entry=entry,
        entry_word=entry_word,
        said=said,
        sampling=sampling,
        config=config,
    )
    unused(entry_word, source_activation.ready)

    @always_comb
    def constants():
        entry.next = sink_op.word[8:]

    @always_comb
    def activations():
        source_activation.valid.next = activation.write
        source_activation.index.next = activation.index
        source_activation.data.next = activation.data


def vector_ports(config):
    """Arguments for vector_unit() by name, without clock and reset."""
    rows, lanes = config.rows, config.lanes
    return {
        "sink_op": Stream(word=256),
        "sink_result": result_stream(config),
        "source_weights": Array("ch", [Stream(data=256 * rows) for _ in range(lanes)]),
        "source_logits": Array("ch", [Stream(address=32, data=config.beat_bits) for _ in range(lanes)]),
        "activation": Record(write=1, index=16, data=rows * lanes * 8),
        "entry": Signal(intbv(0)[8:]),
        "entry_word": Signal(intbv(0)[rows * 32 :]),
        "said": Record(token=rows * 32, **records.said().members()),
        "sampling": records.sampling(config),
        "config": config,
    }


def vector_design(config):
    ports = vector_ports(config)
    names = (
        "sink_op",
        "sink_result",
        "source_weights",
        "source_logits",
        "said",
        "sampling",
        "config",
    )
    return Design(
        vector_bench,
        clk=clock(),
        rst=reset(),
        source_activation=Stream(index=16, data=config.rows * config.lanes * 8),
        **{name: ports[name] for name in names},
    )


class Expected:
    """What a program's instructions bring to the vector unit and what it makes of them, from the golden machine."""

    def __init__(self, config):
        self.config = config
        self.ops, self.results = [], []
        self.activations = []  # (index, bytes)
        self.weights = []  # (lanes, rows, atoms, 32)
        self.logits = []  # (address, (lanes, beats, bytes))
        self.bounds = []  # the largest so far, after each instruction of scores
        self.names = []

    def trace(self, number, instruction, written):
        if instruction.unit == "engine":
            if "parameters" in written:  # else there is more to come
                self.take(written["sums"], written["parameters"])
        elif instruction.unit == "vector":
            self.ops.append(instruction.word())
            self.names.append((number, instruction))
            if instruction.op == "scores":
                self.bounds.append(written["bound"])
            if "buffer" in written:
                self._buffer(instruction, written["buffer"])
            if "slices" in written:
                self.weights.append(written["slices"])
            if "logits" in written:
                self._logits(instruction, written["logits"])

    def take(self, sums, parameters):
        """Results that the engine gives."""
        config = self.config
        rows, lanes, count = sums.shape
        fields = sums.transpose(2, 1, 0).reshape(count, lanes * rows) & ((1 << config.acc_bits) - 1)
        for i in range(count):
            data = sum(int(value) << (config.acc_bits * place) for place, value in enumerate(fields[i]))
            words = sum(int(value) << (32 * lane) for lane, value in enumerate(parameters[:, i]))
            self.results.append((data, words))

    def _buffer(self, instruction, q):
        config = self.config
        groups = 32 // config.lanes
        if instruction.op == "gather":
            _, heads, dims = q.shape
            for block in range(dims // 32):
                for head in range(heads):
                    word = instruction["dst"] + head * instruction["stride"] + block
                    for part in range(groups):
                        first = 32 * block + part * config.lanes
                        self._write(word * groups + part, q[:, head, first : first + config.lanes])
            return
        flat = q.reshape(config.rows, -1)
        for index in range(flat.shape[1] // config.lanes):
            values = flat[:, index * config.lanes : (index + 1) * config.lanes]
            self._write(instruction["dst"] * groups + index, values)

    def _write(self, index, values):
        self.activations.append((index, values.T.astype(np.int8).tobytes()))

    def _logits(self, instruction, row):
        words = self.config.beat_bits // 32
        lanes, count = row.shape
        beats = -(-count // words)
        padded = np.zeros((lanes, beats * words), "<i4")
        padded[:, :count] = row
        self.logits.append((instruction["address"], padded.view(np.uint8).reshape(lanes, beats, -1)))


def machine_of(compiler, model, config):
    """A golden machine with a model in its memory."""
    data = np.zeros((config.lanes, compiler.map.beats, config.beat_bits // 8), np.uint8)
    for beat, beats in model_image(model, compiler.map):
        data[:, beat : beat + beats.shape[1]] = beats
    return Machine(Memory(data), config.rows, config.atoms, config.vector_depth, config.activation_words)


def run_batch(model, rule, config, positions):
    """Expected of a pass of a token for each of ``positions``, in caches that hold zeros."""
    compiler, expected = Compiler(model, rule, config, batch=len(positions)), Expected(config)
    first, *others = positions
    request = compiler.request([*range(len(positions))], len(positions), first, others)
    machine_of(compiler, model, config).run(compiler.program, request, expected.trace)
    return expected


def run_machine(model, rule, config, passes):
    """Run passes of tokens on the golden machine; returns (machine, [Expected per pass])."""
    compiler = Compiler(model, rule, config)
    machine = machine_of(compiler, model, config)
    position, found = 0, []
    for tokens in passes:
        expected = Expected(config)
        machine.run(compiler.program, compiler.request(tokens, 1, position), expected.trace)
        expected.tokens = machine.tokens.copy()
        position += len(tokens)
        found.append(expected)
    return machine, found


def pack_words(values, width):
    """A column of a stream's words of ``width`` bits."""
    if width <= 63:
        return np.array(values, np.int64)
    size = -(-width // 8)
    return np.frombuffer(b"".join(value.to_bytes(size, "little") for value in values), np.uint8).reshape(-1, size)


def run_alone(instructions, results, config):
    """Expected of ``instructions`` on the golden vector unit alone, which takes ``results``: of every operation the
    sums (rows, lanes, count) and the parameters (lanes, count)."""
    expected, given = Expected(config), Results()
    buffer = ActivationBuffer(config.rows, config.activation_words)
    memory = SimpleNamespace(lanes=config.lanes)
    unit = VectorUnit(memory, config.rows, config.atoms, config.vector_depth, buffer, given, Slices(), {})
    for result in results:
        given.put(*result)
        expected.take(*result)
    for number, instruction in enumerate(instructions):
        expected.trace(number, instruction, unit.execute(instruction))
    return expected


def follow(simulation, expected, config, gaps=None, **levels):
    """Run a pass with ``levels`` at plain inputs; assert that what comes out is expected; returns the run."""
    rows, lanes = config.rows, config.lanes
    results = [words for words, _ in expected.results], [words for _, words in expected.results]
    inputs = {
        "sink_op": {"word": pack_words(expected.ops, 256)},
        "sink_result": {
            "data": pack_words(results[0], lanes * rows * config.acc_bits),
            "parameter": pack_words(results[1], lanes * 32),
            "last": np.zeros(len(expected.results), np.int64),
        },
        **levels,
    }
    expect = {"source_activation": len(expected.activations)}
    slices = [slice_ for group in expected.weights for slice_ in group]
    for lane in range(lanes):
        expect[f"source_weights_ch{lane:02d}"] = len(slices) * config.atoms
        expect[f"source_logits_ch{lane:02d}"] = sum(beats.shape[1] for _, beats in expected.logits)
    delays = gaps({name: expect.get(name, 0) for name in expect} | {
        "sink_op": len(expected.ops), "sink_result": len(expected.results),
    }) if gaps else None  # fmt: skip
    run = simulation.run(inputs=inputs, expect=expect, gaps=delays, record=gaps is None)
    found = run.outputs["source_activation"]
    assert found["index"].tolist() == [index for index, _ in expected.activations]
    data = np.ascontiguousarray(found["data"]).view(np.uint8).reshape(len(found["index"]), -1)[:, : rows * lanes]
    assert np.array_equal(data, [np.frombuffer(levels, np.uint8) for _, levels in expected.activations])
    for lane in range(lanes):
        words = run.outputs[f"source_weights_ch{lane:02d}"]["data"]
        wanted = [slice_[lane, :, atom].astype(np.int8).tobytes() for slice_ in slices for atom in range(config.atoms)]
        assert [bytes(word) for word in words] == wanted
        logits = run.outputs[f"source_logits_ch{lane:02d}"]
        places = [address + i for address, beats in expected.logits for i in range(beats.shape[1])]
        assert logits["address"].tolist() == places
        assert [bytes(beat) for beat in logits["data"]] == [
            beats[lane, i].tobytes() for _, beats in expected.logits for i in range(beats.shape[1])
        ]
    return run
