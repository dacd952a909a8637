// A board's module `system` with a model of its SDRAM, and the host's end of the serial line.
//
// The chip's clock is the system's, inverted: the chip looks at its pins at the falling edge, and a word that it gives
// is there at the falling edge that is the CAS latency after the command's. A command that breaks one of the chip's
// times, or its order, ends the simulation. Times are MT48LC16M16's, at speed grade 7.

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vdesign.h"
#include "verilated.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

void vl_fatal(const char* file, int line, const char*, const char* problem) {
    throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + problem);
}

namespace {

constexpr int BANKS = 4, ROW_BITS = 13, COLUMN_BITS = 9, SPAN = 8;
constexpr double T_RCD = 20e-9, T_RP = 20e-9, T_RAS = 44e-9, T_RC = 66e-9, T_RFC = 66e-9, T_WR = 15e-9, T_RRD = 15e-9;
constexpr double POWER_UP = 100e-6, REFRESH = 64e-3 / 8192;
constexpr int T_MRD = 2, POSTPONED = 8;

class Sdram {
    struct Bank {
        bool open = false;
        int row = 0;
        int64_t opened = -1000, closed = -1000, wrote = -1000;
    };

    const double hz;
    Bank banks[BANKS];
    int latency = 0;
    int64_t cycle = 0, refreshed = -1000, mode_set = -1000, opened = -1000, last_refresh = -1;
    int refreshes = 0;
    bool powered = false;
    uint16_t data[SPAN];
    bool driven[SPAN] = {};

    int64_t cycles(double seconds) const { return int64_t(std::ceil(seconds * hz - 1e-6)); }

    void need(bool condition, const char* what) {
        if (!condition && fault.empty()) fault = std::string("sdram: ") + what + " (cycle " + std::to_string(cycle) + ")";
    }

    void close(Bank& bank, int64_t when) {
        need(when - bank.opened >= cycles(T_RAS), "precharge before tRAS");
        need(when - bank.wrote >= cycles(T_WR), "precharge before tWR");
        bank.open = false;
        bank.closed = when;
    }

  public:
    std::vector<uint16_t> words = std::vector<uint16_t>(size_t(BANKS) << (ROW_BITS + COLUMN_BITS), 0xA5A5);
    std::string fault;

    explicit Sdram(double hz) : hz(hz) {}

    // The word at the pins at this falling edge.
    uint16_t shown() const { return driven[cycle % SPAN] ? data[cycle % SPAN] : uint16_t(0x5EAD + cycle); }

    void edge(const Vdesign& m) {
        const bool shows = driven[cycle % SPAN];
        driven[cycle % SPAN] = false;
        if (m.sdram_cke && !m.sdram_cs_n) command(m);
        if (m.sdram_dq_oe) need(!shows, "the bus is driven from both ends");
        if (last_refresh >= 0) need(cycle - last_refresh <= (POSTPONED + 1) * cycles(REFRESH), "refreshes are too rare");
        cycle++;
    }

    void command(const Vdesign& m) {
        const int strobes = m.sdram_ras_n << 2 | m.sdram_cas_n << 1 | m.sdram_we_n;
        if (strobes == 7) return;
        need(cycle >= cycles(POWER_UP), "a command before 100 us");
        need(cycle - refreshed >= cycles(T_RFC), "a command before tRFC");
        need(cycle - mode_set >= T_MRD, "a command before tMRD");
        Bank& bank = banks[m.sdram_ba];
        const bool a10 = m.sdram_a >> 10 & 1;
        // As the controller lays words out: row, bank, column.
        const size_t place = (size_t(bank.row) * BANKS + m.sdram_ba) << COLUMN_BITS |
                             (m.sdram_a & ((1 << COLUMN_BITS) - 1));
        switch (strobes) {
        case 0:  // mode register
            for (const Bank& each : banks) need(!each.open, "the mode is set while a row is open");
            need((m.sdram_a & 7) == 0, "bursts are not of one word");
            latency = m.sdram_a >> 4 & 7;
            need(latency == 2 || latency == 3, "the CAS latency is neither 2 nor 3");
            mode_set = cycle;
            powered = refreshes >= 2;
            break;
        case 1:  // refresh
            for (const Bank& each : banks) {
                need(!each.open, "refresh while a row is open");
                need(cycle - each.closed >= cycles(T_RP), "refresh before tRP");
            }
            refreshed = last_refresh = cycle;
            refreshes++;
            break;
        case 2:  // precharge
            for (int number = 0; number < BANKS; number++)
                if ((a10 || number == int(m.sdram_ba)) && banks[number].open) close(banks[number], cycle);
            if (!powered)
                for (Bank& each : banks) each.closed = cycle;
            break;
        case 3:  // activate
            need(powered, "a row is opened before the start is over");
            need(!bank.open, "a row is opened in a bank that has one");
            need(cycle - bank.closed >= cycles(T_RP), "activate before tRP");
            need(cycle - bank.opened >= cycles(T_RC), "activate before tRC");
            need(cycle - opened >= cycles(T_RRD), "activate before tRRD");
            bank.open = true;
            bank.row = m.sdram_a & ((1 << ROW_BITS) - 1);
            bank.opened = opened = cycle;
            break;
        case 4:  // write
            need(bank.open, "a write to a bank without a row");
            need(cycle - bank.opened >= cycles(T_RCD), "write before tRCD");
            need(m.sdram_dq_oe, "a write without data");
            if (!(m.sdram_dm & 1)) words[place] = (words[place] & 0xFF00) | (m.sdram_dq_o & 0xFF);
            if (!(m.sdram_dm & 2)) words[place] = (words[place] & 0xFF) | (m.sdram_dq_o & 0xFF00);
            bank.wrote = cycle;
            if (a10) close_later(bank, cycle + cycles(T_WR));
            break;
        case 5:  // read
            need(bank.open, "a read from a bank without a row");
            need(cycle - bank.opened >= cycles(T_RCD), "read before tRCD");
            data[(cycle + latency) % SPAN] = words[place];
            driven[(cycle + latency) % SPAN] = true;
            if (a10) close_later(bank, cycle + 1);
            break;
        default: need(false, "burst terminate, which nobody needs");
        }
    }

    // Auto-precharge: as soon as tRAS allows.
    void close_later(Bank& bank, int64_t when) {
        when = std::max(when, bank.opened + cycles(T_RAS));
        bank.open = false;
        bank.closed = when;
    }
};

struct Session {
    VerilatedContext context;
    std::unique_ptr<Vdesign> model;
    Sdram sdram;
    std::string fault;
    int64_t cycle = 0, running = 0;
    double bit;  // cycles
    std::deque<uint8_t> to_board, to_host;
    // Of the byte on its way in each direction: bits so far, when the next one is due.
    int sending = -1, receiving = -1;
    double send_at = 0, receive_at = 0;
    uint8_t received = 0;

    Session(double hz, double bit) : sdram(hz), bit(bit) {
        context.threads(1);
        model = std::make_unique<Vdesign>(&context, "system");
        model->receive = 1;
        for (int i = 0; i < 4; i++) step();
        model->locked = 1;
    }

    void line() {
        if (sending < 0 && !to_board.empty()) {
            sending = 0;
            send_at = double(cycle);
        }
        if (sending >= 0 && double(cycle) >= send_at) {
            const int n = sending++;
            model->receive = n == 0 ? 0 : n == 9 ? 1 : n > 9 ? 1 : to_board.front() >> (n - 1) & 1;
            send_at += bit;
            if (n == 10) {
                sending = -1;
                to_board.pop_front();
            }
        }
        if (receiving < 0) {
            if (!model->transmit) {
                receiving = 0;
                receive_at = double(cycle) + 1.5 * bit;
            }
        } else if (double(cycle) >= receive_at) {
            if (receiving == 8) {
                if (model->transmit) to_host.push_back(received);
                else fault = "the board's byte has no stop bit";
                receiving = -1;
            } else {
                received = uint8_t(received >> 1 | model->transmit << 7);
                receiving++;
                receive_at += bit;
            }
        }
    }

    bool step() {
        try {
            model->sdram_dq_i = sdram.shown();
            sdram.edge(*model);
            model->clk = 0;
            model->eval();
            model->clk = 1;
            model->eval();
        } catch (const std::exception& error) {
            fault = error.what();
        }
        if (!sdram.fault.empty()) fault = sdram.fault;
        line();
        cycle++;
        running += model->running;
        return fault.empty();
    }
};

Session* session(void* handle) { return static_cast<Session*>(handle); }

}  // namespace

EXPORT void* board_open(double hz, double bit) { return new Session(hz, bit); }
EXPORT void board_close(void* handle) { delete session(handle); }
EXPORT const char* board_fault(void* handle) { return session(handle)->fault.c_str(); }
EXPORT int64_t board_cycle(void* handle) { return session(handle)->cycle; }
EXPORT int64_t board_running(void* handle) { return session(handle)->running; }

// From now on a bit takes so many cycles.
EXPORT void board_rate(void* handle, double bit) { session(handle)->bit = bit; }

EXPORT void board_send(void* handle, const uint8_t* bytes, int64_t count) {
    session(handle)->to_board.insert(session(handle)->to_board.end(), bytes, bytes + count);
}

// Runs until `size` bytes have come or for `cycles`; takes up to so many, and returns how many.
EXPORT int64_t board_receive(void* handle, uint8_t* bytes, int64_t size, int64_t cycles) {
    Session* board = session(handle);
    while (int64_t(board->to_host.size()) < size && cycles-- > 0 && board->fault.empty()) board->step();
    int64_t count = 0;
    for (; count < size && !board->to_host.empty(); count++) {
        bytes[count] = board->to_host.front();
        board->to_host.pop_front();
    }
    return count;
}

// Puts bytes, an even number, into the chip itself.
EXPORT void board_fill(void* handle, int64_t address, const uint8_t* bytes, int64_t count) {
    memcpy(reinterpret_cast<uint8_t*>(session(handle)->sdram.words.data()) + address, bytes, size_t(count));
}

// Copies bytes, an even number, out of the chip itself.
EXPORT void board_stored(void* handle, int64_t address, uint8_t* bytes, int64_t count) {
    memcpy(bytes, reinterpret_cast<uint8_t*>(session(handle)->sdram.words.data()) + address, size_t(count));
}

EXPORT void board_forget(void* handle) { session(handle)->to_host.clear(); }
