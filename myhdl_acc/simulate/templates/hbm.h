// Timing of one HBM2 pseudo-channel and its controller, seen from an AXI port (docs/memory.md has the sources).
//
// The model says when; the data lies in the harness, which reads and writes it when a beat passes. Per port clock cycle:
// look at the ready and valid functions, call accept_* for each handshake, then tick(). Responses come in the order of
// the requests, as with a single AXI ID.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace hbm {

// In the order of memory/hbm.py's HbmParameters, which passes them. Times are in clocks of the memory.
#define HBM_PARAMETERS(X)                                                                                          \
    X(ideal) X(ideal_latency) X(beat_bytes) X(port_khz) X(memory_khz) X(burst_clocks) X(cl) X(cwl) X(rcd) X(rp)    \
    X(ras) X(rc) X(rtp) X(wr) X(ccd_s) X(ccd_l) X(rrd_s) X(rrd_l) X(faw) X(wtr_s) X(wtr_l) X(turn) X(refi) X(rfc)  \
    X(group_bit) X(request_latency) X(response_latency) X(lookahead) X(read_bursts) X(read_buffer) X(write_bursts) \
    X(write_buffer) X(write_high) X(write_low)

struct Parameters {
#define X(name) int64_t name;
    HBM_PARAMETERS(X)
#undef X
};

constexpr int COLUMN_BYTES = 32;  // a burst of 4 on 64 bits
constexpr int GROUPS = 4, BANKS_PER_GROUP = 4, BANKS = GROUPS * BANKS_PER_GROUP;

struct Place {
    int bank, group;
    int64_t row;
};

// The mapping of the 256 MB: row 27…14, group bit 1 in 13, bank 12…11, group bit 0 in `group_bit` of 10…5 (by default the
// controller's default, 5), the column in the others of these.
inline Place locate(uint64_t address, int64_t group_bit) {
    const int group = int(address >> 13 & 1) << 1 | int(address >> group_bit & 1);
    return {group * BANKS_PER_GROUP + int(address >> 11 & 3), group, int64_t(address >> 14 & 0x3fff)};
}

enum Kind : int64_t { ACTIVATE, PRECHARGE, READ, WRITE, REFRESH };

struct Command {
    int64_t time, kind, bank, row;
};

class Channel {
  public:
    explicit Channel(const Parameters& parameters) : p(parameters), next_refresh(parameters.refi) {}

    std::vector<Command>* trace = nullptr;  // takes every command to the memory, if set

    bool ar_ready() const { return int64_t(reads.size()) < p.read_bursts; }
    void accept_ar(uint64_t address, int beats) {
        reads.push_back({address, beats, 0, next_column, cycle + p.ideal_latency});
        if (p.ideal) return;
        const uint64_t end = (address + uint64_t(beats) * p.beat_bytes - 1) / COLUMN_BYTES;
        for (uint64_t column = address / COLUMN_BYTES; column <= end; column++, next_column++)
            columns.push_back({locate(column * COLUMN_BYTES, p.group_bit), now + p.request_latency, NEVER});
    }

    bool r_valid() const {
        if (reads.empty()) return false;
        const Burst& burst = reads.front();
        if (p.ideal) return burst.due <= cycle;
        for (int64_t column = column_of(burst, 0); column <= column_of(burst, p.beat_bytes - 1); column++)
            if (columns[column - first_column].done > now) return false;
        return true;
    }
    uint64_t r_address() const { return reads.front().address + uint64_t(reads.front().passed) * p.beat_bytes; }
    bool r_last() const { return reads.front().passed + 1 == reads.front().beats; }
    void accept_r() {
        Burst& burst = reads.front();
        const bool last = r_last();
        if (!p.ideal) {
            const int64_t keep = column_of(burst, p.beat_bytes - 1) + (last ? 1 : 0);
            for (; first_column < keep; first_column++) columns.pop_front();
        }
        burst.passed++;
        if (last) reads.pop_front();
    }

    bool aw_ready() const { return int64_t(writes.size() + answers.size()) < p.write_bursts; }
    void accept_aw(uint64_t address, int beats) { writes.push_back({address, beats, 0, 0, 0}); }
    bool w_ready() const {
        return !writes.empty() && (p.ideal || int64_t(write_window.size()) + p.beat_bytes / COLUMN_BYTES < p.write_buffer);
    }
    uint64_t w_address() const { return writes.front().address + uint64_t(writes.front().passed) * p.beat_bytes; }
    bool w_last() const { return writes.front().passed + 1 == writes.front().beats; }
    void accept_w() {
        const uint64_t begin = w_address(), end = begin + p.beat_bytes;
        const bool last = w_last();
        if (!p.ideal)
            for (uint64_t column = begin / COLUMN_BYTES; column <= (end - 1) / COLUMN_BYTES; column++)
                if (last || (column + 1) * COLUMN_BYTES <= end)  // narrow beats share a column
                    write_window.push_back({locate(column * COLUMN_BYTES, p.group_bit), now + p.request_latency, -1});
        writes.front().passed++;
        if (last) {
            writes.pop_front();
            answers.push_back(p.ideal ? cycle + p.ideal_latency : now + p.request_latency + p.response_latency);
        }
    }

    // A write is answered when the controller has it: from then on a read is served after it.
    bool b_valid() const { return !answers.empty() && answers.front() <= (p.ideal ? cycle : now); }
    void accept_b() { answers.pop_front(); }

    void tick() {
        cycle++;
        if (p.ideal) return;
        for (phase += p.memory_khz; phase >= p.port_khz; phase -= p.port_khz) clock();
    }

    // Nothing is under way: what idle() says at the end is what fences rely on.
    bool idle() const { return reads.empty() && writes.empty() && answers.empty() && write_window.empty(); }

  private:
    static constexpr int64_t NEVER = INT64_MAX, LONG_AGO = -(int64_t(1) << 40);

    struct Burst {
        uint64_t address;
        int beats, passed;
        int64_t first;  // its first column's number
        int64_t due;    // ideal: the cycle of its first beat
    };
    struct Column {
        Place place;
        int64_t enter, done;
    };
    struct Request {  // a column access that the controller sees and has not issued
        Place place;
        int64_t enter, number;
    };
    struct Bank {
        int64_t row = -1, activate_from = 0, column_from = 0, precharge_from = 0;
    };

    const Parameters p;
    int64_t cycle = 0, now = 0, phase = 0;
    std::deque<Burst> reads, writes;
    std::deque<int64_t> answers;
    std::deque<Column> columns;  // of all read bursts that have not passed, from number first_column on
    int64_t first_column = 0, next_column = 0, next_visible = 0;
    std::vector<Request> read_window, write_window;
    bool writing = false, refresh_due = false;
    int64_t next_refresh;
    Bank banks[BANKS];
    int64_t column_from[GROUPS] = {}, any_column_from = 0;
    int64_t read_from[GROUPS] = {}, write_from = 0;
    int64_t activated[4] = {LONG_AGO, LONG_AGO, LONG_AGO, LONG_AGO};  // the last four, the oldest first
    int64_t group_activated[GROUPS] = {LONG_AGO, LONG_AGO, LONG_AGO, LONG_AGO};

    int64_t column_of(const Burst& burst, int64_t offset) const {
        const uint64_t at = burst.address + uint64_t(burst.passed) * p.beat_bytes + offset;
        return burst.first + int64_t(at / COLUMN_BYTES - burst.address / COLUMN_BYTES);
    }

    void note(Kind kind, int bank, int64_t row) {
        if (trace) trace->push_back({now, kind, bank, row});
    }

    void clock() {
        now++;
        while (next_visible < next_column && int64_t(read_window.size()) < p.lookahead &&
               next_visible - first_column < p.read_buffer && columns[next_visible - first_column].enter <= now) {
            read_window.push_back({columns[next_visible - first_column].place, 0, next_visible});
            next_visible++;
        }
        if (now >= next_refresh) refresh_due = true;
        if (refresh_due) {
            refresh();
            return;
        }
        const int64_t waiting = int64_t(write_window.size());
        if (!writing && (waiting >= p.write_high || (waiting && reads.empty()))) writing = true;
        if (writing && (!waiting || (waiting <= p.write_low && !read_window.empty()))) writing = false;
        std::vector<Request>& window = writing ? write_window : read_window;
        column_command(window);
        row_command(window);
    }

    // All banks are closed when each may be; then none can be opened for RFC.
    void refresh() {
        int64_t begin = now;
        for (const Bank& bank : banks)
            if (bank.row >= 0) begin = std::max(begin, bank.precharge_from);
        if (begin > now) return;
        for (int b = 0; b < BANKS; b++)
            if (banks[b].row >= 0) {
                banks[b].row = -1;
                banks[b].activate_from = std::max(banks[b].activate_from, now + p.rp);
                note(PRECHARGE, b, 0);
            }
        int64_t start = now;
        for (const Bank& bank : banks) start = std::max(start, bank.activate_from);
        for (Bank& bank : banks) bank.activate_from = start + p.rfc;
        if (trace) trace->push_back({start, REFRESH, 0, 0});
        refresh_due = false;
        next_refresh += p.refi;
    }

    // The first request whose row is open and whose time has come.
    void column_command(std::vector<Request>& window) {
        if (now < any_column_from || (writing && now < write_from)) return;
        for (size_t i = 0; i < window.size(); i++) {
            const Request request = window[i];
            Bank& bank = banks[request.place.bank];
            const int group = request.place.group;
            if (request.enter > now) break;
            if (bank.row != request.place.row || now < bank.column_from || now < column_from[group]) continue;
            if (!writing && now < read_from[group]) continue;
            any_column_from = now + p.ccd_s;
            column_from[group] = now + p.ccd_l;
            if (writing) {
                const int64_t written = now + p.cwl + p.burst_clocks;
                bank.precharge_from = std::max(bank.precharge_from, written + p.wr);
                for (int g = 0; g < GROUPS; g++) read_from[g] = written + (g == group ? p.wtr_l : p.wtr_s);
                note(WRITE, request.place.bank, bank.row);
            } else {
                bank.precharge_from = std::max(bank.precharge_from, now + p.rtp);
                write_from = now + p.cl + p.burst_clocks + p.turn - p.cwl;
                columns[request.number - first_column].done = now + p.cl + p.burst_clocks + p.response_latency;
                note(READ, request.place.bank, bank.row);
            }
            window.erase(window.begin() + i);
            return;
        }
    }

    // The oldest request of each bank decides what becomes of the bank's row.
    void row_command(const std::vector<Request>& window) {
        uint32_t seen = 0;
        for (const Request& request : window) {
            const int b = request.place.bank, group = request.place.group;
            if (request.enter > now) break;
            if (seen >> b & 1) continue;
            seen |= uint32_t(1) << b;
            Bank& bank = banks[b];
            if (bank.row == request.place.row) continue;
            if (bank.row >= 0) {
                if (now < bank.precharge_from) continue;
                bank.row = -1;
                bank.activate_from = std::max(bank.activate_from, now + p.rp);
                note(PRECHARGE, b, 0);
                return;
            }
            if (now < bank.activate_from || now < activated[3] + p.rrd_s || now < group_activated[group] + p.rrd_l ||
                now < activated[0] + p.faw)
                continue;
            bank.row = request.place.row;
            bank.column_from = now + p.rcd;
            bank.precharge_from = now + p.ras;
            bank.activate_from = now + p.rc;
            for (int i = 0; i < 3; i++) activated[i] = activated[i + 1];
            activated[3] = group_activated[group] = now;
            note(ACTIVATE, b, bank.row);
            return;
        }
    }
};

}  // namespace hbm
