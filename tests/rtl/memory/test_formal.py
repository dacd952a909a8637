"""Proofs about the AXI masters: bursts, room, and the books about what is under way.

The slave keeps the transfer rules and answers only what was asked; it may do anything else, at any time.
"""

import pytest
from memory_designs import reader_design, writer_design

from myhdl_acc.simulate.formal import ProofError, below, prove, transfer_rules

BURST, DEPTH, OUTSTANDING = 4, 8, 3


def burst_rules(channel):
    """A burst lies within an aligned block of BURST beats of 8 bytes, hence within a page."""
    return f"""
  always @* if ({channel}_valid && started) begin
    aligned: assert ({channel}_address[2:0] == 0);
    short: assert ({channel}_length < {BURST});
    in_block: assert ({channel}_address[4:3] + {channel}_length < {BURST});
    in_page: assert (13'd0 + {channel}_address[11:0] + 8 * ({channel}_length + 1) <= 4096);
  end"""


READER_BOOKS = f"""
  reg [4:0] spoken = 0;    // beats asked_beats for at the port that have not left the queue
  reg [4:0] coming = 0;    // of these, not arrived yet
  reg [2:0] open_bursts = 0;    // asked_beats for, last beat not arrived
  wire ask = port_source_ar_valid && port_source_ar_ready;
  wire come = port_sink_r_valid && port_sink_r_ready;
  wire [4:0] asked_beats = ask ? port_source_ar_length + 1 : 0;
  wire [4:0] offered_beats = port_source_ar_valid ? port_source_ar_length + 1 : 0;
  always @(posedge clk) begin
    spoken <= rst ? 0 : spoken + asked_beats - taken;
    coming <= rst ? 0 : coming + asked_beats - come;
    open_bursts <= rst ? 0 : open_bursts + ask - (come && port_sink_r_last);
  end
  always @* begin
    assume (!port_sink_r_valid || coming != 0);
    assume (!port_sink_r_valid || !port_sink_r_last || open_bursts != 0);
    assume (!taken || spoken > coming);
    if (started && !rst) begin
      something_left: assert (!active || left != 0);
      end_kept: assert (!active || ends == (left <= to_boundary));
      fits_kept: assert (!fits || credit >= {BURST});
      opens_kept: assert (!opens || under_way < {OUTSTANDING});
      boundary_kept: assert (!active || to_boundary == 3'd4 - position[1:0]);
      credit_kept: assert (credit + spoken + offered_beats == {DEPTH});
      room_kept: assert (spoken + offered_beats <= {DEPTH} && coming <= spoken);
      bursts_kept: assert (under_way == 4'd0 + open_bursts + port_source_ar_valid && under_way <= {OUTSTANDING});
      if (status_idle) idle_kept: assert (!port_source_ar_valid && open_bursts == 0);
    end
  end"""


def test_reader():
    design = reader_design(64, DEPTH, BURST, OUTSTANDING)
    prove(design, transfer_rules(design) + burst_rules("port_source_ar") + READER_BOOKS)


def test_reader_that_ignores_room_is_refuted():
    """The same books with a place less: the reader asks for more than there is."""
    design = reader_design(64, DEPTH, BURST, OUTSTANDING)
    wrong = READER_BOOKS.replace(f"spoken + offered_beats <= {DEPTH}", f"spoken + offered_beats < {DEPTH}")
    with pytest.raises(ProofError, match="room_kept"):
        prove(design, transfer_rules(design) + wrong, depth=12)


#: The writer's queues: of beats, with a flag for the last of a burst, and of closed bursts' requests, with a length.
WRITER_QUEUES = (
    below("level", "u_fifo0.level", 3)
    + below("full", "u_fifo0.shallow_queue0_full")
    + below("filled", "u_fifo0.shallow_queue0_filled")
    + below("head", "u_fifo0.shallow_queue0_read_address", 2)
    + below("tail", "u_fifo0.shallow_queue0_write_address", 2)
    + "".join(below(f"flag{i}", f"u_fifo0.shallow_queue0_ram_asynchronous_read1_words[{i}]") for i in range(4))
    + below("closed_level", "u_fifo1.level", 3)
    + below("closed_full", "u_fifo1.shallow_queue0_full")
    + below("closed_filled", "u_fifo1.shallow_queue0_filled")
    + below("closed_head", "u_fifo1.shallow_queue0_read_address", 2)
    + below("closed_tail", "u_fifo1.shallow_queue0_write_address", 2)
    + "".join(below(f"place{i}", f"u_fifo1.shallow_queue0_ram_asynchronous_read0_words[{i}]", 32) for i in range(4))
    + "".join(below(f"length{i}", f"u_fifo1.shallow_queue0_ram_asynchronous_read1_words[{i}]") for i in range(4))
)

WRITER_BOOKS = """
  reg [2:0] lengths [0:3];
  reg [1:0] newest = 0, oldest = 0;
  reg [2:0] unsent = 0, unacknowledged = 0;  // bursts
  reg [2:0] beat = 0;
  reg [5:0] accepted_beats = 0, sent_beats = 0;
  wire ask = port_source_aw_valid && port_source_aw_ready;
  wire send = port_source_w_valid && port_source_w_ready;
  wire answer = port_sink_b_valid && port_sink_b_ready;
  always @(posedge clk) begin
    if (rst) begin
      newest <= 0; oldest <= 0; unsent <= 0; unacknowledged <= 0; beat <= 0; accepted_beats <= 0; sent_beats <= 0;
    end else begin
      if (ask) begin
        lengths[newest] <= port_source_aw_length;
        newest <= newest + 1;
      end
      unsent <= unsent + ask - (send && port_source_w_last);
      unacknowledged <= unacknowledged + (send && port_source_w_last) - answer;
      if (send) beat <= port_source_w_last ? 0 : beat + 1;
      if (send && port_source_w_last) oldest <= oldest + 1;
      accepted_beats <= accepted_beats + (sink_beat_valid && sink_beat_ready);
      sent_beats <= sent_beats + send;
    end
  end
  always @* begin
    assume (!port_sink_b_valid || unacknowledged != 0);
    if (started && !rst) begin
      if (port_source_w_valid) asked_first: assert (unsent != 0);
      if (port_source_w_valid) last_in_place: assert (port_source_w_last == (beat == lengths[oldest]));
      if (port_source_aw_valid) in_block:
        assert (!port_source_aw_address[0] && port_source_aw_address[1] + port_source_aw_length < 2);
      limit_kept: assert (unsent + unacknowledged + port_source_aw_valid <= 2);
      idle_kept: assert (!status_idle || (unsent == 0 && unacknowledged == 0 && accepted_beats == sent_beats));
      if (accepted_beats == sent_beats && unsent == 0 && unacknowledged == 0) not_busy: assert (status_idle);
    end
  end"""

#: Which states can be reached: the two bursts that may be open, oldest first, are asked for, offered, or closed; the
#: queue holds what is left of them, then what the held beat's burst has sent ahead.
WRITER_INVARIANT = """
  wire [3:0] flags = {flag3, flag2, flag1, flag0};
  wire [3:0] closed_lengths = {length3, length2, length1, length0};
  wire [3:0] closed_places = {place3[0], place2[0], place1[0], place0[0]};
  wire [1:0] behind = closed_head + 1;
  wire first_length = closed_lengths[closed_head], second_length = closed_lengths[behind];
  wire [2:0] bursts_inside = unsent + offered + closed_level;
  wire [1:0] second = oldest + 1;
  wire [2:0] length_a = unsent != 0 ? lengths[oldest] : offered ? port_source_aw_length : first_length;
  wire [2:0] length_b = unsent == 2 ? lengths[second]
    : unsent == 0 && !offered ? second_length
    : unsent == 1 && offered ? port_source_aw_length : first_length;
  wire [3:0] left_a = bursts_inside >= 1 ? length_a + 1 - beat : 0;
  wire [3:0] left_b = bursts_inside >= 2 ? length_b + 1 : 0;
  wire [3:0] ahead = held && count;
  integer i;
  always @* if (started && !rst) begin
    queues: assert (level <= 4 && tail == ((head + level) & 3));
    handshakes: assert (full == (level == 4) && filled == (level != 0));
    requests: assert (closed_level <= 2 && closed_tail == ((closed_head + closed_level) & 3));
    request_handshakes: assert (closed_full == (closed_level == 4) && closed_filled == (closed_level != 0));
    has_room: assert (!fits || level < 4);
    opens_kept: assert (!opens || under_way < 2);
    asked_queue: assert (newest == ((oldest + unsent) & 3));
    counted: assert (sendable == unsent && under_way == bursts_inside + unacknowledged && under_way <= 2);
    in_burst: assert (bursts_inside == 0 || (length_a < 2 && beat <= length_a));
    second_burst: assert (bursts_inside < 2 || length_b < 2);
    only_asked: assert (unsent != 0 || beat == 0);
    beats_inside: assert (level == left_a + left_b + ahead);
    nothing_lost: assert (accepted_beats == ((sent_beats + level + held) & 63));
    gathered: assert (!held || (following == ((first + count + 1) & 32'hffffffff) && !(count && first[0])));
    first_closed: assert (closed_level == 0 || !(first_length && closed_places[closed_head]));
    second_closed: assert (closed_level < 2 || !(second_length && closed_places[behind]));
    for (i = 0; i < 4; i = i + 1)
      if (i < level) assert (flags[(head + i) & 3] == (i + 1 == left_a || (left_b != 0 && i + 1 == left_a + left_b)));
  end"""


def test_writer():
    design = writer_design(16, 2, 2)
    prove(design, transfer_rules(design) + WRITER_QUEUES + WRITER_BOOKS + WRITER_INVARIANT)


def test_writer_with_wrong_books_is_refuted():
    design = writer_design(16, 2, 2)
    wrong = WRITER_BOOKS.replace("<= 2);", "< 2);")
    with pytest.raises(ProofError, match="limit_kept"):
        prove(design, transfer_rules(design) + WRITER_QUEUES + wrong + WRITER_INVARIANT, depth=9)
