// Runs a verilated design at full speed: drivers, counters and recording of lockstep.py, in C++ and with the same cycles.

#include "harness.h"

// One stream of a run; the caller owns the arrays. Words are payload structures as design.h lays them out.
struct Driver {
    uint8_t* words;       // read from an input stream's, written to by an output stream
    const int64_t* gaps;  // or null
    int64_t* transfers;   // or null; the cycle of every transfer
    int64_t count;
    int64_t done;
    int64_t states[4];
    int64_t state;
};

namespace {

using harness::Status;
using harness::Stream;

struct Session : harness::Simulation {
    const std::vector<Field> levels = bind_levels(*model);
    std::vector<int64_t> waits = std::vector<int64_t>(streams.size());  // cycles before the next word
    Driver* drivers = nullptr;
    bool record = false, moved = false;
    int64_t quiet = 0, deadlock = 0, culprit = 0;
    const char* rule = "";  // that the stream `culprit` broke

    void start(Driver* all, bool recorded, int64_t patience) {
        drivers = all;
        record = recorded;
        deadlock = patience;
        cycle = quiet = 0;
        rule = "";
        recorder.start(streams.size() + probes.size());
        for (size_t i = 0; i < streams.size(); i++) {
            streams[i].holding = false;
            load_gap(i);
        }
    }

    void load_gap(size_t i) {
        const Driver& driver = drivers[i];
        waits[i] = driver.gaps && driver.done < driver.count ? driver.gaps[driver.done] : 0;
    }

    bool done() const override {
        for (size_t i = 0; i < streams.size(); i++)
            if (drivers[i].done < drivers[i].count) return false;
        return true;
    }

    void drive() override {
        for (size_t i = 0; drivers && i < streams.size(); i++) {
            const Stream& stream = streams[i];
            const Driver& driver = drivers[i];
            const bool active = driver.done < driver.count && !waits[i];
            *(stream.output ? stream.ready : stream.valid) = active;
            if (active && !stream.output) stream.put(driver.words + driver.done * stream.size);
        }
    }

    Status observe() override {
        moved = false;
        for (size_t i = 0; i < streams.size(); i++) {
            Stream& stream = streams[i];
            Driver& driver = drivers[i];
            driver.state = stream.state();
            driver.states[driver.state]++;
            if (const char* broken = stream.output ? stream.check() : nullptr) {
                rule = broken;
                culprit = i;
                return harness::BROKEN;
            }
            if (stream.passes()) {
                if (driver.transfers) driver.transfers[driver.done] = cycle;
                if (stream.output) stream.get(driver.words + driver.done * stream.size);
                driver.done++;
                load_gap(i);
                moved = true;
            } else if (waits[i]) {
                waits[i]--;
            }
        }
        if (record) {
            for (size_t i = 0; i < streams.size(); i++) recorder.note(i, drivers[i].state);
            for (size_t i = 0; i < probes.size(); i++) recorder.note(streams.size() + i, probes[i].read());
        }
        return harness::RUNNING;
    }

    Status edge() override {
        recorder.cycle = cycle;
        quiet = moved ? 0 : quiet + 1;
        return deadlock && quiet == deadlock ? harness::DEADLOCK : harness::RUNNING;
    }
};

Session* session(void* handle) { return static_cast<Session*>(harness::of(handle)); }

}  // namespace

EXPORT void* simulation_open(int64_t reset_cycles) {
    auto* sim = new Session;
    sim->reset(reset_cycles);
    return static_cast<harness::Simulation*>(sim);
}

EXPORT void simulation_level(void* handle, int64_t index, const uint8_t* value) {
    const Field& level = session(handle)->levels[index];
    memcpy(level.pin, value, level.size);
}

EXPORT void simulation_start(void* handle, Driver* drivers, int64_t record, int64_t deadlock) {
    session(handle)->start(drivers, record, deadlock);
}

// The rule that was broken, or an empty text, and the number of the stream.
EXPORT const char* simulation_rule(void* handle) { return session(handle)->rule; }

EXPORT int64_t simulation_culprit(void* handle) { return session(handle)->culprit; }
