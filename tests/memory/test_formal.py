"""Proofs about the AXI masters: bursts, room, and the books about what is under way.

The slave keeps the transfer rules and answers only what was asked; it may do anything else, at any time.
"""

import pytest
from memory_designs import reader_design, writer_design

from myhdl_acc.stream.formal import ProofError, prove, transfer_rules

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
  wire ask = source_ar_valid && source_ar_ready;
  wire come = sink_r_valid && sink_r_ready;
  wire [4:0] asked_beats = ask ? source_ar_length + 1 : 0;
  wire [4:0] offered_beats = source_ar_valid ? source_ar_length + 1 : 0;
  always @(posedge clk) begin
    spoken <= rst ? 0 : spoken + asked_beats - taken;
    coming <= rst ? 0 : coming + asked_beats - come;
    open_bursts <= rst ? 0 : open_bursts + ask - (come && sink_r_last);
  end
  always @* begin
    assume (!sink_r_valid || coming != 0);
    assume (!sink_r_valid || !sink_r_last || open_bursts != 0);
    assume (!taken || spoken > coming);
    if (started && !rst) begin
      something_left: assert (!active || left != 0);
      credit_kept: assert (credit + spoken + offered_beats == {DEPTH});
      room_kept: assert (spoken + offered_beats <= {DEPTH} && coming <= spoken);
      bursts_kept: assert (under_way == 4'd0 + open_bursts + source_ar_valid && under_way <= {OUTSTANDING});
      if (idle) idle_kept: assert (!source_ar_valid && open_bursts == 0);
    end
  end"""


def test_reader():
    design = reader_design(64, DEPTH, BURST, OUTSTANDING)
    prove(design, transfer_rules(design) + burst_rules("source_ar") + READER_BOOKS)


def test_reader_that_ignores_room_is_refuted():
    """The same books with a place less: the reader asks for more than there is."""
    design = reader_design(64, DEPTH, BURST, OUTSTANDING)
    wrong = READER_BOOKS.replace(f"spoken + offered_beats <= {DEPTH}", f"spoken + offered_beats < {DEPTH}")
    with pytest.raises(ProofError, match="room_kept"):
        prove(design, transfer_rules(design) + wrong, depth=12)


#: Reset, two bursts, their answers.
WRITER_CYCLES = 9

WRITER_BOOKS = """
  reg [2:0] lengths [0:3];
  reg [1:0] newest = 0, oldest = 0;
  reg [2:0] unsent = 0, unacknowledged = 0;  // bursts
  reg [2:0] beat = 0;
  reg [5:0] accepted_beats = 0, sent_beats = 0;
  wire ask = source_aw_valid && source_aw_ready;
  wire send = source_w_valid && source_w_ready;
  wire answer = sink_b_valid && sink_b_ready;
  always @(posedge clk) begin
    if (rst) begin
      newest <= 0; oldest <= 0; unsent <= 0; unacknowledged <= 0; beat <= 0; accepted_beats <= 0; sent_beats <= 0;
    end else begin
      if (ask) begin
        lengths[newest] <= source_aw_length;
        newest <= newest + 1;
      end
      unsent <= unsent + ask - (send && source_w_last);
      unacknowledged <= unacknowledged + (send && source_w_last) - answer;
      if (send) beat <= source_w_last ? 0 : beat + 1;
      if (send && source_w_last) oldest <= oldest + 1;
      accepted_beats <= accepted_beats + (sink_beat_valid && sink_beat_ready);
      sent_beats <= sent_beats + send;
    end
  end
  always @* begin
    assume (!sink_b_valid || unacknowledged != 0);
    if (started && !rst) begin
      if (source_w_valid) asked_first: assert (unsent != 0);
      if (source_w_valid) last_in_place: assert (source_w_last == (beat == lengths[oldest]));
      limit_kept: assert (unsent + unacknowledged + source_aw_valid <= 2);
      idle_kept: assert (!idle || (unsent == 0 && unacknowledged == 0 && accepted_beats == sent_beats));
      if (accepted_beats == sent_beats && unsent == 0 && unacknowledged == 0) not_busy: assert (idle);
    end
  end"""


def test_writer():
    design = writer_design(16, 2, 2)
    prove(design, transfer_rules(design) + WRITER_BOOKS, depth=WRITER_CYCLES, bounded=True)


def test_writer_with_wrong_books_is_refuted():
    design = writer_design(16, 2, 2)
    wrong = WRITER_BOOKS.replace("<= 2);", "< 2);")
    with pytest.raises(ProofError, match="limit_kept"):
        prove(design, transfer_rules(design) + wrong, depth=WRITER_CYCLES, bounded=True)
