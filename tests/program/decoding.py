"""The golden decoder beside compiled programs on the golden machine."""

import dataclasses

import numpy as np

from golden.decoder import Decoder
from golden.formats import nibbles
from golden.machine.parameters import word_scale, word_zero
from myhdl_acc.driver import Accelerator, GoldenDevice
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.schedule import check_order, check_queues
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
CONFIGS = {
    "tiny": dataclasses.replace(TINY, vector_depth=1024, activation_words=64),
    "one": dataclasses.replace(TINY, lanes=1, rows=4, vector_depth=2048, activation_words=64),
    "demo": AcceleratorConfig.preset("demo"),
    "eight": dataclasses.replace(TINY, lanes=8, rows=4, vector_depth=512, activation_words=64),
    "many": dataclasses.replace(AcceleratorConfig.preset("u280"), lanes=16, rows=4, acc_depth=128, prefetch=64),
    "all": dataclasses.replace(AcceleratorConfig.preset("u280"), lanes=32, rows=4, acc_depth=128, prefetch=64),
}


class CheckedCompiler(Compiler):
    """Every program it compiles is checked for order and for queues."""

    def program(self, *arguments):
        program = super().program(*arguments)
        check_order(program, self.plan.config)
        check_queues(program, self.plan.config)
        return program


class Pair:
    """``model`` with ``rule`` in the decoder and on the machine."""

    def __init__(self, model, rule, config):
        self.decoder = Decoder(model, sinks=rule.sinks, window=rule.window)
        self.device = GoldenDevice(config)
        self.accelerator = Accelerator(self.device, config)
        self.accelerator.load(model, rule)
        self.config = config
        compiler = self.accelerator._compiler
        compiler.__class__ = CheckedCompiler
        self.map = compiler.map

    def feed(self, tokens):
        """Feed both; everything that can be seen must be the same."""
        expected = self.decoder.feed(tokens)[-1]
        token = self.accelerator.feed(tokens)
        assert np.array_equal(self.accelerator.logits(), expected), f"position {self.accelerator.position}"
        assert token == int(np.argmax(expected))
        assert self.accelerator.position == self.decoder.position
        return token

    def check_caches(self):
        """Every cached token, nibble by nibble, in every lane that has it."""
        rule, plan = self.decoder.rule, self.map.plan
        for layer, (keys, values) in enumerate(self.decoder._caches):
            for slot in range(rule.filled(self.decoder.position - 1)):
                for number, heads in enumerate(plan.passes):
                    for lane in self._lanes(slot):
                        head = heads.first + min(lane % (1 << plan.heads_log2), heads.heads - 1)
                        self._check_key(layer, number, lane, slot, head, keys)
                        self._check_value(layer, number, lane, slot, head, values)

    def _lanes(self, slot):
        plan = self.map.plan
        together = 1 << plan.heads_log2
        rank = slot // plan.block % (self.config.lanes // together)
        return range(rank * together, (rank + 1) * together)

    def _position(self, slot):
        plan = self.map.plan
        share = self.config.lanes >> plan.heads_log2
        return slot // plan.block // share * plan.block + slot % plan.block

    def _check_key(self, layer, number, lane, slot, head, keys):
        plan = self.map.plan
        dims, bytes_ = plan.spec.head_dim, self.config.beat_bits // 8
        chunk, place = divmod(self._position(slot), plan.chunk)
        taps = 2 if 2 * dims <= plan.block else 1
        params = 4 * plan.chunk // bytes_
        region = self.map.regions[f"layers.{layer}.pass.{number}.keys"]
        base = (region.address + chunk * (params + plan.chunk // taps)) * bytes_
        self._check_word(lane, base + 4 * place, head, slot, keys)
        where = base + params * bytes_ + place * bytes_ // taps
        found = nibbles.split(self.device.read_memory(lane, where, bytes_ // taps).view("<u8")).reshape(-1)
        assert np.array_equal(found[:dims], keys.values[head, slot])

    def _check_value(self, layer, number, lane, slot, head, values):
        plan = self.map.plan
        dims, bytes_ = plan.spec.head_dim, self.config.beat_bits // 8
        block, place = divmod(self._position(slot), plan.block)
        name = f"layers.{layer}.pass.{number}."
        base = self.map.address(name + "value_scales") * bytes_
        self._check_word(lane, base + 4 * self._position(slot), head, slot, values)
        base = (self.map.address(name + "values") + block * dims) * bytes_
        beats = self.device.read_memory(lane, base, dims * bytes_).view("<u8").reshape(dims, -1)
        assert np.array_equal(nibbles.split(beats).reshape(dims, -1)[:, place], values.values[head, slot])

    def _check_word(self, lane, where, head, slot, cache):
        (word,) = self.device.read_memory(lane, where, 4).view("<u4")
        scale = word_scale(word)
        assert int(word_zero(word)) == cache.zero[head, slot]
        assert int(scale.mantissa) == cache.step.mantissa[head, slot]
        assert int(scale.exponent) == cache.step.exponent[head, slot]
