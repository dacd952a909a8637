"""The kernel's registers: one table for the RTL, the driver, the packaging scripts and docs/registers.md."""

from dataclasses import dataclass

from golden.units.balance import COST_BITS, PASS
from myhdl_acc.rtl.engine.sequencer import STATES

ADDRESS_BITS = 12  #: of s_axi_control, in bytes

#: Codes of ``status``, bits 7…0. All but OK need a reset before the next run.
STATUS = {
    "ok": 0,
    "illegal": 1,
    "no_end": 2,
    "timeout": 3,
    "read_error": 4,
    "write_error": 5,
    "engine_error": 6,
}
STATUS_MEANINGS = {
    "ok": "no program has failed since the last reset",
    "illegal": "unknown unit or op, or a reserved bit is set",
    "no_end": "the program's length was reached without `control.end`",
    "timeout": "nothing moved for `watchdog` cycles",
    "read_error": "memory answered a read with an error",
    "write_error": "memory answered a write with an error",
    "engine_error": "the engine met a code that is none",
}
#: The units of ``status``'s busy mask: bit 16 + position.
BUSY_UNITS = ("read", "engine", "load", "vector", "write")
#: What the counters of a lane count, in order: beats that came from memory, then the cycles in each state of its
#: sequencer.
COUNTERS = ("beats_read", *(f"cycles_{state}" for state in STATES))

COUNTER_BASE = 0x400
COUNTER_STRIDE = 0x20  #: bytes from one lane's counters to the next one's


@dataclass(frozen=True)
class Register:
    """A register of ``bits`` bits at byte ``offset``, the lower 32 bits first.

    ``access``: ``rw``, ``r`` (writes have no effect), ``special`` (the meaning says). ``kind``: ``control``, an
    ``argument`` of the kernel (to be set before a start), ``status`` or ``counter``. ``port``: the memory port that a
    pointer argument belongs to.
    """

    name: str
    offset: int
    bits: int
    access: str
    kind: str
    meaning: str
    port: str | None = None


FIXED = (
    Register(
        "ctrl", 0x000, 32, "special", "control",
        "bit 0 ap_start (writing 1 starts; 1 until the run ends), bit 1 ap_done (cleared by reading), bit 2 ap_idle, "
        "bit 3 ap_ready (cleared by reading), bit 7 auto_restart (read and write), bit 9 the interrupt line",
    ),
    Register("gier", 0x004, 1, "rw", "control", "bit 0: global interrupt enable"),
    Register("ip_ier", 0x008, 2, "rw", "control", "bit 0: interrupt on ap_done, bit 1: on ap_ready"),
    Register(
        "ip_isr", 0x00C, 2, "special", "control",
        "bit 0: ap_done has happened, bit 1: ap_ready; set only if enabled in ip_ier; writing 1 toggles a bit",
    ),
    Register("program", 0x010, 32, "rw", "argument", "first beat of the program, counted from pointer m_axi_00"),
    Register("instructions", 0x018, 32, "rw", "argument", "length of the program in instructions"),
    Register(
        "watchdog", 0x020, 32, "rw", "argument",
        "cycles without any movement after which a run ends with `timeout`; 0: never",
    ),
    Register(
        "temperature", 0x024, 32, "rw", "argument",
        "of row 0: bits 15…0, of which 12 are fraction: tokens are drawn from the softmax of logits/temperature; "
        "0: the token of the largest logit",
    ),
    Register(
        "reset", 0x028, 1, "special", "control",
        "writing 1 resets all units, but not the arguments; reads 1 until that is done",
    ),
    Register(
        "status", 0x02C, 32, "r", "status",
        "bits 7…0 code, bits 15…8 unit field of the illegal instruction, bits 20…16 which of "
        f"{', '.join(BUSY_UNITS)} were not idle when the program failed",
    ),
    Register("instruction", 0x030, 32, "r", "status", "instructions dispatched: the number of the one that failed"),
    Register("cycles", 0x034, 32, "r", "status", "cycles of the latest run, modulo 2^32"),
    Register("seed", 0x038, 32, "rw", "argument", "of what row 0 draws, its lower half"),
    Register("seed_high", 0x03C, 32, "rw", "argument", "the upper half"),
)  # fmt: skip

TAG_BITS = 16
END_TOKENS = 8  #: end tokens that a request can name
#: What a start takes from the host beside the program (golden.machine.request.Request).
REQUEST = (
    Register("prompt", 0x180, 32, "rw", "argument", "first beat of the prompt's tokens, 32 bits each, in lane 0"),
    Register("prompt_tokens", 0x188, 32, "rw", "argument", "tokens of the prompt, at least one"),
    Register("choices", 0x190, 32, "rw", "argument", "tokens to choose at most; 0: the prompt only fills the cache"),
    Register("position", 0x198, 32, "rw", "argument", "position of the prompt's first token"),
    Register("slot", 0x1A0, 32, "rw", "argument", "slot of the cache for the prompt's first token"),
    Register(
        "results", 0x1A8, 32, "rw", "argument",
        "first beat of the ring of results in lane 0, a beat for each entry (docs/driver.md)",
    ),
    Register("results_mask", 0x1B0, 32, "rw", "argument", "entries of that ring, a power of two, less one"),
    Register("tag", 0x1B8, TAG_BITS, "rw", "argument", "number of the run, in every entry"),
    Register("logits_step", 0x1C0, 32, "rw", "argument", "beats from one choice's logits to the next one's"),
    Register(
        "end_tokens", 0x1C8, 4, "rw", "argument", "how many of the registers `end_N` count: a run ends with those"
    ),
    Register("stop", 0x1D0, 1, "rw", "argument", "1: the run ends after the pass that is under way"),
    Register("drafts", 0x1D8, 4, "rw", "argument", "tokens that a pass tries behind the one that was chosen, at most"),
    Register(
        "drafts_source", 0x1E0, 2, "rw", "argument",
        "where they come from: 0 lookup, 1 lookup where the last three tokens came before and else the draft head, "
        "2 the draft head",
    ),
    Register(
        "drafts_cost", 0x1E8, COST_BITS, "rw", "argument",
        f"what a pass with the draft head's drafts takes more than one without, in 1/{PASS} of the latter",
    ),
    *(
        Register(f"end_{n}", 0x200 + 8 * n, 32, "rw", "argument", "a token that ends the run")
        for n in range(END_TOKENS)
    ),
)  # fmt: skip

_MOST_SEQUENCES = 15  # what control.pass can name
_ROW_BASE, _ROW_STRIDE = 0x240, 0x18
_OF_ROW = {
    "position": "of a batch: position of the first token of sequence {}",
    "slot": "of a batch: slot of that sequence's cache for this token",
    "temperature": "as `temperature`, of row {}",
    "seed": "as `seed`, of row {}",
    "seed_high": "as `seed_high`, of row {}",
}


def row_register(name, row):
    """The register ``name`` of a row: row 0 has it without a number."""
    return f"{name}_{row}" if row else name


#: Of the rows behind row 0, which may have sequences of their own.
ROWS = tuple(
    tuple(
        Register(
            row_register(name, n), _ROW_BASE + _ROW_STRIDE * (n - 1) + 4 * place, 32, "rw", "argument", what.format(n)
        )
        for place, (name, what) in enumerate(_OF_ROW.items())
    )
    for n in range(1, _MOST_SEQUENCES)
)  # fmt: skip

POINTER_BASE = 0x040
TOKEN_BASE = 0x140


def pointer_offset(lane):
    """Where the 64-bit pointer of port ``m_axi_NN`` is."""
    return POINTER_BASE + 8 * lane


def token_offset(row):
    """Where a row's token is."""
    return TOKEN_BASE + 4 * row


def counter_offset(lane, counter):
    """Where a lane's counter (a name of COUNTERS) is."""
    return COUNTER_BASE + COUNTER_STRIDE * lane + 4 * COUNTERS.index(counter)


def registers(config):
    """All registers of a configuration in the order of their offsets."""
    table = list(FIXED)
    for lane in range(config.lanes):
        port = f"m_axi_{lane:02d}"
        meaning = f"byte address of lane {lane}'s memory, a multiple of 4,096"
        table.append(Register(port, pointer_offset(lane), 64, "rw", "argument", meaning, port))
    for row in range(config.rows):
        meaning = f"row {row}'s token: the index of its largest logit, or what was drawn"
        table.append(Register(f"token_{row:02d}", token_offset(row), 32, "r", "status", meaning))
    table += request_registers(config.rows)
    for lane in range(config.lanes):
        for counter in COUNTERS:
            what = counter.replace("_", " ", 1).replace("cycles ", "cycles in state ")
            meaning = f"lane {lane}: {what} in the latest run"
            offset = counter_offset(lane, counter)
            table.append(Register(f"{counter}_{lane:02d}", offset, 32, "r", "counter", meaning))
    return table


def request_registers(rows):
    """What a start takes from the host beside the program, with ``rows`` rows."""
    return [*REQUEST, *(register for own in ROWS[: rows - 1] for register in own)]


#: Offsets of the registers that every configuration has, and of those of all the sequences that one may have.
OFFSETS = {register.name: register.offset for register in (*FIXED, *request_registers(1 + len(ROWS)))}


def _row(register):
    return f"| `0x{register.offset:03X}` | `{register.name}` | {register.access} | {register.meaning} |"


def markdown_table():
    """The tables of docs/registers.md, lanes and rows by formula."""
    lines = ["| offset | register | access | meaning |", "|---|---|---|---|"]
    lines += map(_row, FIXED)
    last = COUNTERS[0], COUNTERS[-1]
    lines += [
        f"| `0x{POINTER_BASE:03X}` + 8·lane | `m_axi_NN` | rw | 64-bit byte address of the lane's memory, "
        "a multiple of 4,096: the upper half is 4 bytes further on |",
        f"| `0x{TOKEN_BASE:03X}` + 4·row | `token_NN` | r | "
        "the row's token: the index of its largest logit, or what was drawn |",
        *map(_row, REQUEST),
        *(
            f"| `0x{_ROW_BASE + 4 * place:03X}` + {_ROW_STRIDE}·(N − 1) | `{name}_N` | rw | {what.format('N')} |"
            for place, (name, what) in enumerate(_OF_ROW.items())
        ),
        f"| `0x{COUNTER_BASE:03X}` + {COUNTER_STRIDE}·lane + 4·n | `{last[0]}_NN` … `{last[1]}_NN` | r | "
        f"counter n of the lane in the latest run: {', '.join(f'{n} `{name}`' for n, name in enumerate(COUNTERS))} |",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
        *(f"| {code} | `{name}` | {STATUS_MEANINGS[name]} |" for name, code in STATUS.items()),
    ]
    return "\n".join(lines)
