"""The golden decoder beside compiled programs on the golden machine."""

import dataclasses

import numpy as np

from golden.decoder import Decoder
from golden.formats import nibbles
from golden.machine.parameters import word_scale, word_zero
from myhdl_acc.driver import Accelerator, GoldenDevice
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
CONFIGS = {
    "tiny": dataclasses.replace(TINY, vector_depth=1024, activation_words=64),
    "one": dataclasses.replace(TINY, lanes=1, rows=4, vector_depth=2048, activation_words=64, program_depth=4096),
    "demo": AcceleratorConfig.preset("demo"),
    "eight": dataclasses.replace(TINY, lanes=8, rows=4, vector_depth=512, activation_words=64),
    "many": dataclasses.replace(AcceleratorConfig.preset("u280"), lanes=16, rows=4, acc_depth=128, prefetch=64),
    "all": dataclasses.replace(AcceleratorConfig.preset("u280"), lanes=32, rows=4, acc_depth=128, prefetch=64),
}


class Pair:
    """``model`` with ``rule`` in the decoder and on the machine. ``speculation``: ``drafts`` and ``source``."""

    def __init__(self, model, rule, config, **speculation):
        self.decoder = Decoder(model, sinks=rule.sinks, window=rule.window)
        self.device = GoldenDevice(config)
        self.accelerator = Accelerator(self.device, config, **speculation)
        self.accelerator.load(model, rule)
        self.config = config
        self.map = self.accelerator._compiler.map

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
        rule, place = self.decoder.rule, self.map.place
        for layer, (keys, values) in enumerate(self.decoder._caches):
            for slot in range(rule.filled(self.decoder.position - 1)):
                for number, heads in enumerate(place.head_blocks):
                    for lane in self._lanes(slot):
                        head = heads.first + min(lane % (1 << place.heads_log2), heads.heads - 1)
                        self._check_key(layer, number, lane, slot, head, keys)
                        self._check_value(layer, number, lane, slot, head, values)

    def _lanes(self, slot):
        place = self.map.place
        together = 1 << place.heads_log2
        rank = slot // place.block % (self.config.lanes // together)
        return range(rank * together, (rank + 1) * together)

    def _position(self, slot):
        place = self.map.place
        share = self.config.lanes >> place.heads_log2
        return slot // place.block // share * place.block + slot % place.block

    def _check_key(self, layer, number, lane, slot, head, keys):
        place = self.map.place
        dims, bytes_ = place.spec.head_dim, self.config.beat_bits // 8
        chunk, within = divmod(self._position(slot), place.chunk)
        taps = 2 if 2 * dims <= place.block else 1
        params = 4 * place.chunk // bytes_
        region = self.map.regions[f"layers.{layer}.heads.{number}.keys"]
        base = (region.address + chunk * (params + place.chunk // taps)) * bytes_
        self._check_word(lane, base + 4 * within, head, slot, keys)
        where = base + params * bytes_ + within * bytes_ // taps
        found = nibbles.split(self.device.read_memory(lane, where, bytes_ // taps).view("<u8")).reshape(-1)
        assert np.array_equal(found[:dims], keys.values[head, slot])

    def _check_value(self, layer, number, lane, slot, head, values):
        place = self.map.place
        dims, bytes_ = place.spec.head_dim, self.config.beat_bits // 8
        block, within = divmod(self._position(slot), place.block)
        name = f"layers.{layer}.heads.{number}."
        base = self.map.address(name + "value_scales") * bytes_
        self._check_word(lane, base + 4 * self._position(slot), head, slot, values)
        base = (self.map.address(name + "values") + block * dims) * bytes_
        beats = self.device.read_memory(lane, base, dims * bytes_).view("<u8").reshape(dims, -1)
        assert np.array_equal(nibbles.split(beats).reshape(dims, -1)[:, within], values.values[head, slot])

    def _check_word(self, lane, where, head, slot, cache):
        (word,) = self.device.read_memory(lane, where, 4).view("<u4")
        scale = word_scale(word)
        assert int(word_zero(word)) == cache.zero[head, slot]
        assert int(scale.mantissa) == cache.step.mantissa[head, slot]
        assert int(scale.exponent) == cache.step.exponent[head, slot]
