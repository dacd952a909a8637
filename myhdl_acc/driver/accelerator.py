"""The driver: a model on a device. One start takes a prompt and chooses tokens until there is a reason to stop."""

from collections import deque
from contextlib import closing
from time import perf_counter

import numpy as np

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.machine.text import BY_HEAD, MOST_TOKENS
from golden.units.drafter import LOOKUP, SOURCES
from golden.units.result_entry import END, ResultEntry
from golden.units.sampling import GREEDY
from myhdl_acc.driver.device import START, DeviceError
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.program.draft_cost import draft_cost
from myhdl_acc.program.image import model_image
from myhdl_acc.rtl.control.instruction import encode
from myhdl_acc.rtl.control.register_map import (
    COUNTERS,
    END_TOKENS,
    OFFSETS,
    STATUS,
    STATUS_MEANINGS,
    counter_offset,
    pointer_offset,
    row_register,
)

#: What figures() has.
FIGURES = ("starts", "passes", "cycles", "host_seconds")
WATCHDOG = 1 << 20  # cycles without movement: far above any wait for memory
_TIMEOUT = 60.0  # seconds in which nothing is chosen
_PATIENCE = 1024  # tokens of a prompt that may take so long
_TAGS = 1 << 16
UNSTOPPABLE = 64  #: tokens that a start chooses on a device that cannot be stopped


class Accelerator:
    """Decodes on ``device`` (Device), which has the configuration ``config``.

    ``generate`` and ``feed`` start it once for a prompt and all tokens that follow. Failed runs raise DeviceError.
    ``kept``: choices whose logits stay in memory; if it is not 1, a start chooses no more. ``timeout``: seconds of the
    device within which the next token must come, after a long prompt more. ``drafts``: a pass tries so many tokens
    behind the one that was chosen, as far as rows are there. They come from ``source`` (of golden.units.drafter
    SOURCES), the text so far or the model's draft head, and change no token. ``auto`` is lookup where there is no head
    that fits.
    """

    def __init__(self, device, config, kept=1, timeout=_TIMEOUT, drafts=0, source="lookup"):
        if isinstance(kept, bool) or not isinstance(kept, int) or kept < 1:
            raise InputError(f"accelerator: kept must be a number of choices, at least 1, not {kept!r}")
        if isinstance(drafts, bool) or not isinstance(drafts, int) or not 0 <= drafts < min(config.rows, MOST_TOKENS):
            raise InputError(
                f"accelerator: {config.rows} rows have room for 0 to {min(config.rows, MOST_TOKENS) - 1} drafts,"
                f" not {drafts!r}"
            )
        self._device = device
        self._config = config
        self._drafts, self._source = drafts, SOURCES.index(source)
        self._timeout = timeout
        self._kept = kept
        self._most = min(config.run_tokens - 1, kept if kept > 1 else config.run_tokens)
        self._compiler = None
        self._sampling = GREEDY
        self._forget_runs()
        #: of all runs so far, modulo 2^32 in each; None where the device does not count them
        self.cycles = 0 if device.clocked else None
        self.starts = self.passes = 0  #: so far
        #: tokens chosen so far: by the first row of a pass that chose, by the second one, …
        self.chosen_by_row = [0] * (1 + drafts)
        #: those of them that were drafts of the draft head, by row as well
        self.chosen_of_head = [0] * (1 + drafts)
        self.host_seconds = 0.0  #: that starts and looks at the ring of results took

    def _forget_runs(self):
        self._running = self._stopped = False
        self._run = None  # the generator of the latest run
        self._chosen = self._prompt_tokens = 0  # of the latest run
        self._rows = []  # of its choices: which of the rows that chose
        self._begun = [], 0  # its prompt and position

    def load(self, model, rule=None):
        """Put ``model`` (AccModel) into the device's memory, and forget all tokens.

        ``rule`` (LambdaRule) is as in golden.decoder. Raises InputError if the model does not fit the configuration.
        """
        compiler = self.prepare(model, rule)
        for beat, lanes in model_image(model, compiler.map):
            for lane, beats in enumerate(lanes):
                self._device.write_memory(lane, beat * self._beat_bytes, np.ascontiguousarray(beats).reshape(-1))

    def prepare(self, model, rule=None):
        """Everything of ``load`` but the model's content, of which only spec, formats and norms' constants are used;
        returns its Compiler.
        """
        if rule is None:
            rule = LambdaRule.of(model.spec)
        compiler = self._compile(model, rule)
        program = compiler.program
        self._spec = model.spec
        self._beat_bytes = self._config.beat_bits // 8
        self._device.allocate(compiler.map.beats * self._beat_bytes)
        for lane in range(self._config.lanes):
            address = self._device.address(lane)
            self._device.write_register(pointer_offset(lane), address & 0xFFFFFFFF)
            self._device.write_register(pointer_offset(lane) + 4, address >> 32)
        self._compiler = compiler
        self._forget_runs()
        self._tag = _TAGS - 1  # of the run before the first one
        results = compiler.map.regions["results"]
        self._device.watch(results.address * self._beat_bytes, results.beats * self._beat_bytes)
        self._write("program", encode(program))
        values = {name: compiler.map.address(name) for name in ("program", "prompt", "results")}
        self._set(values | {"instructions": len(program), "watchdog": WATCHDOG, "results_mask": results.beats - 1})
        source = self._source if compiler.place.draft_size else LOOKUP
        self._set({"drafts": self._drafts, "drafts_source": source})
        self._costs = [self._draft_cost(drawn) for drawn in (False, True)]
        self.sample(GREEDY)
        self.reset()
        return compiler

    def _draft_cost(self, drawn):
        """The register ``drafts_cost``."""
        return draft_cost(self._compiler, self._drafts, drawn) if self._compiler.place.draft_size else 0

    def _compile(self, model, rule):
        return Compiler(model, rule, self._config, self._kept, self._drafts, source=SOURCES[self._source])

    @property
    def regions(self):
        """Where things lie in every lane's memory: regions by name, in beats (docs/memory_map.md)."""
        return self._compiler.map.regions

    def instructions(self, prompt, choices, position=0, others=(), **fields):
        """The instructions that a start at ``position`` executes: as Compiler.passes(). ``fields``: others of
        Request."""
        return self._compiler.passes(self._compiler.request(prompt, choices, position, others, **fields))

    def executed(self):
        """The instructions between the latest token's choice and the one before: for the first token of a run, and for
        a run that chooses none, those from its start.
        """
        prompt, position = self._begun
        if self._chosen <= 1:
            return self.instructions(prompt, self._chosen, position)[:-1]
        # As the second of two tokens: the first one's passes make the angles of the next one's.
        position += len(prompt) + self._chosen - 3
        one, two = (self.instructions([0], choices, position) for choices in (1, 2))
        return two[len(one) - 1 : -1]

    def reset(self):
        """Forget all tokens; a run that is under way ends first."""
        self.finish()
        self.position = 0  #: position of the next token
        self._chosen = 0

    def finish(self):
        """End a run that nobody has followed to its end."""
        if self._run is not None:
            self._run.close()
        self._drain()

    def _drain(self):
        """As finish(), without its generator."""
        if self._running:
            self.stop()
            deque(self.tokens(self._chosen), maxlen=0)

    def sample(self, sampling):
        """From the next start on, choose tokens as ``sampling`` (golden Sampling) says; ``load`` makes it GREEDY."""
        self._sampling = sampling
        for row in range(min(self._config.rows, MOST_TOKENS)):
            self._set(sampling_registers(sampling, row))
        self._set({"drafts_cost": self._costs[sampling.temperature > 0]})

    def start(self, prompt, choices, ends=(), others=()):
        """Start a run: take all tokens of ``prompt``, then choose up to ``choices`` tokens, the last one of ``ends`` if
        one of these comes. ``tokens`` gives what is chosen. ``others``: as Compiler.request() has it.
        """
        before = perf_counter()
        if self._compiler is None:
            raise InputError("accelerator: no model is loaded")
        prompt = [int(token) for token in prompt]
        most = self._config.run_tokens
        if not 0 < len(prompt) <= most:
            raise InputError(f"accelerator: a start takes 1 to {most} tokens (run_tokens), not {len(prompt)}")
        if not 0 <= choices <= self._most:
            raise InputError(f"accelerator: a start chooses at most {self._most} tokens, not {choices}")
        if len(ends) > END_TOKENS:
            raise InputError(f"accelerator: a run can end with {END_TOKENS} different tokens, not with {len(ends)}")
        self._drain()
        request = self._compiler.request(prompt, choices, self.position, others)
        self._tag = (self._tag + 1) % _TAGS
        if self._tag == 0:  # entries of whoever had these tags before must not count
            self._write("results", bytes(self.regions["results"].beats * self._beat_bytes))
        self._write("prompt", np.array(prompt, "<u4").tobytes())
        values = {
            "prompt_tokens": len(prompt), "choices": choices, "position": request.position, "slot": request.slot,
            "tag": self._tag, "logits_step": self._logits_beats if self._kept > 1 else 0, "stop": 0,
            "end_tokens": len(ends),
        }  # fmt: skip
        values |= {f"end_{n}": token for n, token in enumerate(ends)}
        for n, (place, slot) in enumerate(request.others, 1):
            values |= {f"position_{n}": place, f"slot_{n}": slot}
        self._set(values)
        self._chosen = self._stamp = 0
        self._rows = []
        self._begun = list(prompt), self.position
        self._prompt_tokens = len(prompt)
        self._device.write_register(OFFSETS["ctrl"], START)
        self._running = True
        self.starts += 1
        self.host_seconds += perf_counter() - before

    def tokens(self, index=0):
        """Yields every token from number ``index`` on while the run goes on. Raises DeviceError if it fails."""
        limit = self._timeout * -(-self._prompt_tokens // _PATIENCE)
        ended, since = not self._running, self._device.now()
        while (entry := self._entry(index)) is None or entry.kind != END:
            if entry is not None:
                if index >= self._chosen:
                    self._count(entry.cycles)
                    self._chosen = index + 1
                    row, by_head = entry.code % BY_HEAD, entry.code // BY_HEAD
                    self._rows.append(row)
                    self.chosen_by_row[row] += 1
                    self.chosen_of_head[row] += by_head and row > 0
                index += 1
                yield entry.token
                limit, since = self._timeout, self._device.now()
            elif ended:
                self._running = False
                raise DeviceError("the run ended without a word: the program failed")
            else:
                ended = self._wait(since, limit, "no token came")
        while not ended:
            ended = self._wait(since, limit, "the run did not end")
        if self._running:
            self._running = False
            self._count(entry.cycles)
            self._move(entry.token)
        if entry.code != STATUS["ok"]:
            name = _status_name(entry.code)
            number = self._device.read_register(OFFSETS["instruction"]) if self._device.readable else "?"
            raise DeviceError(f"instruction {number}: status {name}, {STATUS_MEANINGS.get(name, 'which is none')}")

    def _move(self, position):
        """A run has taken the tokens up to ``position``."""
        fed = position - self.position
        prompt = min(fed, self._prompt_tokens)
        most = min(self._config.rows, MOST_TOKENS)
        # The first token comes from the prompt's last pass.
        self.passes += self._compiler.place.shape.passes(self.position, prompt, most) + max(0, self._rows.count(0) - 1)
        self.position = position

    def stop(self):
        """Let the run end after the pass that is under way, if the device can be told, and ``generate`` with it."""
        self._stopped = True
        if self._device.stoppable:
            self._set({"stop": 1})

    def logits(self, number=-1):
        """Logits (vocab,) int32, 16 fraction bits, of the latest run's choice ``number``, which is one of the ``kept``
        last ones: −1, −2, …
        """
        if not -min(self._chosen, self._kept) <= number < 0:
            raise InputError("accelerator: the latest run computed no such logits")
        if not self.keeps_logits(number):
            raise InputError("accelerator: the logits of rows behind the first are not kept")
        beats, slot = self._logits_beats, self._chosen + number if self._kept > 1 else 0
        address = self._compiler.map.address("logits") + slot * beats
        size = beats * self._beat_bytes
        lanes = [
            self._device.read_memory(lane, address * self._beat_bytes, size).view("<i4")
            for lane in range(self._config.lanes)
        ]
        return np.stack(lanes, axis=1).reshape(-1)[: self._spec.vocab]

    def keeps_logits(self, number):
        """Whether the logits of the latest run's choice ``number`` are those of its pass's first row, which are."""
        return self._rows[number] == 0

    def top(self, count):
        """``[(token, logit)]`` of the ``count`` largest logits, the largest first and the lower token among equals."""
        logits = self.logits()
        order = np.argsort(-logits.astype(np.int64), kind="stable")[:count]
        return [(int(token), int(logits[token])) for token in order]

    def status(self):
        """``(name, instructions dispatched)`` of the latest run."""
        code = self._device.read_register(OFFSETS["status"]) & 0xFF
        return _status_name(code), self._device.read_register(OFFSETS["instruction"])

    def figures(self):
        """What all runs took so far: ``starts``, ``passes``, ``cycles`` and the host's own ``host_seconds``."""
        return {name: getattr(self, name) for name in FIGURES}

    def counters(self):
        """``{"cycles": n, counter: [n per lane]}`` of the latest run."""
        found = {"cycles": self._device.read_register(OFFSETS["cycles"])}
        for name in COUNTERS:
            offsets = [counter_offset(lane, name) for lane in range(self._config.lanes)]
            found[name] = [self._device.read_register(offset) for offset in offsets]
        return found

    def feed(self, tokens):
        """Take all ``tokens`` and return the next one."""
        (token,) = self.generate(tokens, 1, sampling=self._sampling)
        return token

    def generate(self, prompt, count, choose=None, sampling=GREEDY, ends=(), ahead=True, between=lambda *_: None):
        """Feed ``prompt``, then yield up to ``count`` tokens, the last one of ``ends`` if one comes: as ``sampling``
        (Sampling) says, or what ``choose`` picks from logits.

        With ``ahead`` and without ``choose`` one start does it all, as far as memory holds its prompt and results; else
        there is one for each token, and no token is fed before the next one is asked for. ``between(prompt, tokens,
        ends)`` is called when a run has ended, with what it took and chose. Whoever closes the generator early lets the
        run end after the pass under way; ``position`` then counts tokens that were not given.
        """
        if self._compiler is None:
            raise InputError("accelerator: no model is loaded")
        self.finish()
        prompt = list(prompt)
        self._compiler.request(prompt, 0, self.position)  # before any of it is fed
        self.sample(sampling)
        self._stopped = False
        while len(prompt) > self._config.run_tokens:
            yield from self.run(prompt[: self._config.run_tokens], 0, (), between)
            if self._stopped:
                return
            prompt = prompt[self._config.run_tokens :]
        if count <= 0:
            yield from self.run(prompt, 0, (), between)
        known = ends if len(ends) <= END_TOKENS else ()
        most = self._most if ahead and choose is None and known == ends else 1
        if not self._device.stoppable:
            most = min(most, UNSTOPPABLE)
        while count > 0:
            token = None
            with closing(self.run(prompt, min(count, most), known, between)) as tokens:
                for token in tokens:
                    token = token if choose is None else choose(self.logits())
                    count -= 1
                    yield token
            if self._stopped or token in ends:
                return
            prompt = [token]

    def run(self, prompt, count, ends=(), between=lambda *_: None):
        """One start, as generate(), when the first token is asked for. A run that is under way ends first."""
        self.finish()
        self._run = self._follow(prompt, count, ends, between)
        return self._run

    def _follow(self, prompt, count, ends, between):
        self.start(prompt, count, ends)
        tokens, tag = [], self._tag
        try:
            for token in self.tokens():
                tokens.append(token)
                yield token
        except GeneratorExit:  # whoever wanted the tokens has gone
            if tag == self._tag:
                self.stop()
                tokens += self.tokens(len(tokens))
                between(prompt, tokens, ends)
            raise
        between(prompt, tokens, ends)

    @property
    def _logits_beats(self):
        """Of one choice."""
        return self._compiler.map.regions["logits"].beats // self._kept

    def _set(self, values):
        for name, value in values.items():
            self._device.write_register(OFFSETS[name], value)

    def _write(self, region, data):
        """``data`` (bytes) to the beginning of a region of lane 0, filled up to whole beats."""
        address = self._compiler.map.address(region) * self._beat_bytes
        self._device.write_memory(0, address, data + bytes(-len(data) % self._beat_bytes))

    def _count(self, stamp):
        """The cycles up to ``stamp``, modulo 2^32 since the start."""
        if self.cycles is not None:
            self.cycles += (stamp - self._stamp) % (1 << 32)
            self._stamp = stamp

    def _wait(self, since, limit, what):
        """As _advance(), unless more than ``limit`` seconds have passed."""
        if self._device.now() - since > limit:
            self._running = False
            raise DeviceError(f"{what} within {limit:g} s of the device's clock")
        return self._advance()

    def _advance(self):
        """Wait a moment; returns whether the run has ended."""
        return self._device.advance()

    def _entry(self, index):
        """The entry ``index`` of the latest run, or None if it is not there yet."""
        before = perf_counter()
        results = self._compiler.map.regions["results"]
        address = (results.address + index % results.beats) * self._beat_bytes
        entry = ResultEntry.read(self._device.read_memory(0, address, 16).view("<u4"))
        there = (entry.tag, entry.index) == (self._tag, index) and entry.kind
        if there and self._device.tears:  # the tag comes last: now all of it is there
            entry = ResultEntry.read(self._device.read_memory(0, address, 16).view("<u4"))
        self.host_seconds += perf_counter() - before
        return entry if there else None


def sampling_registers(sampling, row):
    """Registers by name, with what they must be for a row that chooses as ``sampling`` (Sampling) says."""
    values = {"temperature": sampling.temperature, "seed": sampling.seed & 0xFFFFFFFF, "seed_high": sampling.seed >> 32}
    return {row_register(name, row): value for name, value in values.items()}


def _status_name(code):
    return {number: name for name, number in STATUS.items()}.get(code, f"code {code}")
