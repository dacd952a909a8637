"""The accelerator as the golden machine: exact, and fast enough for real models."""

import numpy as np

from golden.errors import InputError
from golden.machine import Machine, Memory
from golden.machine.request import Request
from golden.machine.text import MOST_TOKENS
from golden.units.result_entry import END, TOKEN, ResultEntry
from golden.units.sampling import TEMPERATURE_BITS, Sampling
from myhdl_acc.driver.device import BLANK, START, Device, DeviceError
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES, decode
from myhdl_acc.rtl.control.register_map import OFFSETS, STATUS, pointer_offset, row_register, token_offset

_LANE_STRIDE = 1 << 28


class GoldenDevice(Device):
    """``config`` AcceleratorConfig. ``trace`` as in Machine.run; a faulty program raises MachineFault.

    A run goes on only while somebody waits for it: ``advance`` takes it to the next choice.
    """

    clocked = False

    def __init__(self, config, trace=None):
        self._config = config
        self._trace = trace
        self._registers = {}
        self._memory = None

    def allocate(self, size):
        config = self._config
        beat_bytes = config.beat_bits // 8
        # Real memory holds anything at first; no result may depend on it.
        data = np.full((config.lanes, -(-size // beat_bytes), beat_bytes), BLANK, np.uint8)
        self._memory = data.reshape(config.lanes, -1)
        self._machine = Machine(
            Memory(data), config.rows, config.atoms, config.vector_depth, config.activation_words, config.lookup_depth
        )

    def address(self, lane):
        return lane * _LANE_STRIDE

    def write_memory(self, lane, offset, data):
        data = np.frombuffer(data, np.uint8)
        self._memory[lane, offset : offset + len(data)] = data

    def read_memory(self, lane, offset, size):
        return self._memory[lane, offset : offset + size].copy()

    def write_register(self, offset, value):
        self._registers[offset] = value
        if offset == OFFSETS["ctrl"] and value & START:
            self._running = self._run()

    def read_register(self, offset):
        return self._registers.get(offset, 0)

    def advance(self):
        if OFFSETS["ctrl"] not in self._registers:
            raise DeviceError("wait: nothing was started")
        return next(self._running, True)

    def _run(self):
        """Yields False after each choice; its entry is in memory then."""
        config, registers = self._config, self._registers
        for lane in range(config.lanes):
            pointer = registers.get(pointer_offset(lane), 0) | registers.get(pointer_offset(lane) + 4, 0) << 32
            if pointer != self.address(lane):
                raise DeviceError(f"lane {lane}: its pointer register is {pointer}, not {self.address(lane)}")
        code, walk = "ok", None
        try:
            program = decode(self._words("program", "instructions", INSTRUCTION_BYTES).tobytes())
        except InputError:
            code = "illegal"
        else:
            walk = self._machine.walk(program, self._request())
            tokens = self._machine.tokens_of(walk, self._stopped, self._trace, self._sampling())
            for index, token in enumerate(tokens):
                self._enter(index, token, TOKEN, walk.rows[index])
                yield False
            for row, token in enumerate(self._machine.tokens):
                registers[token_offset(row)] = int(token)
        registers[OFFSETS["status"]] = STATUS[code]
        count, position = (len(walk.chosen), walk.position) if walk else (0, registers[OFFSETS["position"]])
        self._enter(count, position, END, STATUS[code])

    def _request(self):
        value = {name: self._registers.get(OFFSETS[name], 0) for name in OFFSETS}
        prompt = self._words("prompt", "prompt_tokens", 4).view("<u4")
        ends = tuple(value[f"end_{n}"] for n in range(value["end_tokens"]))
        most = min(self._config.rows, MOST_TOKENS)
        others = tuple((value[f"position_{n}"], value[f"slot_{n}"]) for n in range(1, most))
        return Request(
            tuple(int(token) for token in prompt), value["choices"], value["position"], value["slot"], ends,
            value["logits_step"], value["drafts"], others, value["drafts_source"],
            value["drafts_cost"],
        )  # fmt: skip

    def _sampling(self):
        return [self._sampling_of(min(row, MOST_TOKENS - 1)) for row in range(self._config.rows)]

    def _sampling_of(self, row):
        names = (row_register(name, row) for name in ("temperature", "seed", "seed_high"))
        temperature, low, high = (self._registers.get(OFFSETS[name], 0) for name in names)
        return Sampling(temperature & (1 << TEMPERATURE_BITS) - 1, high << 32 | low)

    def _words(self, address, count, size):
        start = self._registers[OFFSETS[address]] * self._config.beat_bits // 8
        return self._memory[0, start : start + self._registers[OFFSETS[count]] * size]

    def _stopped(self):
        return bool(self._registers.get(OFFSETS["stop"], 0))

    def _enter(self, index, token, kind=TOKEN, code=0):
        beat_bytes = self._config.beat_bits // 8
        entry = ResultEntry(index, token, 0, self._registers[OFFSETS["tag"]], kind, code)
        place = self._registers[OFFSETS["results"]] + (index & self._registers[OFFSETS["results_mask"]])
        self._memory[0, place * beat_bytes : place * beat_bytes + 16] = entry.words().view(np.uint8)
