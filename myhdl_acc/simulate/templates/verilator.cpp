// Runs a verilated design at full speed: drivers, counters and recording of lockstep.py, in C++ and with the same cycles.
// design.h defines DESIGN (the model class), STREAMS, PROBES, LEVELS and the functions that bind them to a model's pins.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "verilated.h"

#include "design.h"

namespace {

enum State { IDLE, STARVED, STALLED, TRANSFER };
enum Status { RUNNING, DONE, DEADLOCK, VALID_FELL, PAYLOAD_CHANGED, FATAL };

}  // namespace

extern "C" {

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

// A track held a value from start up to, and not including, end.
struct Interval {
    int64_t track, start, end, value;
};
}

namespace {

struct Pins {
    uint8_t *valid, *ready;
    bool output;
    size_t size;  // bytes of a payload structure
    std::vector<Field> fields;
    std::vector<uint8_t> held;
    bool holding = false;
    int64_t wait = 0;
};

struct Track {
    bool open = false;
    int64_t value = 0, since = 0;
};

struct Simulation {
    VerilatedContext context;
    std::unique_ptr<DESIGN> model;
    std::vector<Pins> pins;
    std::vector<Probe> probes;
    std::vector<Field> levels;
    Driver* drivers = nullptr;
    bool record = false;
    int64_t cycle = 0, quiet = 0, deadlock = 0, culprit = 0;
    std::vector<Track> tracks;
    std::vector<Interval> intervals;
    std::string failure;  // what the model gave up for

    // Evaluates the model; returns whether it can go on.
    bool eval() {
        try {
            model->eval();
            return true;
        } catch (const std::exception& error) {
            failure = error.what();
            return false;
        }
    }

    void put(size_t index, int64_t value) {
        Track& track = tracks[index];
        if (track.open && track.value == value) return;
        if (track.open) intervals.push_back({(int64_t)index, track.since, cycle, track.value});
        track = {true, value, cycle};
    }

    static void load_gap(Pins& pin, const Driver& driver) {
        pin.wait = driver.gaps && driver.done < driver.count ? driver.gaps[driver.done] : 0;
    }

    bool finished() const {
        for (size_t i = 0; i < pins.size(); i++)
            if (drivers[i].done < drivers[i].count) return false;
        return true;
    }

    void drive(Pins& pin, const Driver& driver) {
        const bool active = driver.done < driver.count && !pin.wait;
        *(pin.output ? pin.ready : pin.valid) = active;
        if (active && !pin.output) {
            const uint8_t* word = driver.words + driver.done * pin.size;
            for (const Field& field : pin.fields) memcpy(field.pin, word + field.offset, field.size);
        }
    }

    Status observe(Pins& pin, Driver& driver) {
        const bool valid = *pin.valid, ready = *pin.ready;
        const int state = 2 * valid + ready;
        driver.state = state;
        driver.states[state]++;
        if (pin.output) {
            if (pin.holding) {
                if (!valid) return VALID_FELL;
                for (const Field& field : pin.fields)
                    if (memcmp(field.pin, pin.held.data() + field.offset, field.size)) return PAYLOAD_CHANGED;
            } else if (state == STALLED) {
                for (const Field& field : pin.fields) memcpy(pin.held.data() + field.offset, field.pin, field.size);
            }
            pin.holding = state == STALLED;
        }
        if (state == TRANSFER) {
            if (driver.transfers) driver.transfers[driver.done] = cycle;
            if (pin.output) {
                uint8_t* word = driver.words + driver.done * pin.size;
                for (const Field& field : pin.fields) memcpy(word + field.offset, field.pin, field.size);
            }
            driver.done++;
            load_gap(pin, driver);
        } else if (pin.wait) {
            pin.wait--;
        }
        return RUNNING;
    }

    Status step() {
        for (size_t i = 0; i < pins.size(); i++) drive(pins[i], drivers[i]);
        set_clock(*model, 0);
        if (!eval()) return FATAL;
        bool moved = false;
        for (size_t i = 0; i < pins.size(); i++) {
            const Status status = observe(pins[i], drivers[i]);
            if (status != RUNNING) {
                culprit = i;
                return status;
            }
            moved |= drivers[i].state == TRANSFER;
        }
        if (record) {
            for (size_t i = 0; i < pins.size(); i++) put(i, drivers[i].state);
            for (size_t i = 0; i < probes.size(); i++) put(pins.size() + i, probes[i].read());
        }
        set_clock(*model, 1);
        if (!eval()) return FATAL;
        cycle++;
        quiet = moved ? 0 : quiet + 1;
        return quiet == deadlock ? DEADLOCK : RUNNING;
    }
};

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT void* simulation_open(int64_t reset_cycles) {
    auto* sim = new Simulation;
    sim->context.threads(1);
    sim->model = std::make_unique<DESIGN>(&sim->context, "top");
    bind_streams(*sim->model, [&](uint8_t* valid, uint8_t* ready, bool output, size_t size, std::vector<Field> fields) {
        sim->pins.push_back({valid, ready, output, size, fields, std::vector<uint8_t>(size)});
    });
    sim->probes = bind_probes(*sim->model);
    sim->levels = bind_levels(*sim->model);
    set_reset(*sim->model, 1);
    for (int64_t i = 0; i < reset_cycles; i++)
        for (int level : {0, 1}) {
            set_clock(*sim->model, level);
            if (!sim->eval()) return sim;
        }
    set_reset(*sim->model, 0);
    return sim;
}

EXPORT void simulation_close(void* handle) {
    auto* sim = static_cast<Simulation*>(handle);
    if (sim->failure.empty()) sim->model->final();
    delete sim;
}

EXPORT void simulation_level(void* handle, int64_t index, const uint8_t* value) {
    const Field& level = static_cast<Simulation*>(handle)->levels[index];
    memcpy(level.pin, value, level.size);
}

EXPORT void simulation_start(void* handle, Driver* drivers, int64_t record, int64_t deadlock) {
    auto* sim = static_cast<Simulation*>(handle);
    sim->drivers = drivers;
    sim->record = record;
    sim->cycle = sim->quiet = 0;
    sim->deadlock = deadlock;
    sim->tracks.assign(sim->pins.size() + sim->probes.size(), Track());
    sim->intervals.clear();
    for (size_t i = 0; i < sim->pins.size(); i++) {
        sim->pins[i].holding = false;
        Simulation::load_gap(sim->pins[i], drivers[i]);
    }
}

// Runs for at most so many cycles; returns a Status.
EXPORT int64_t simulation_run(void* handle, int64_t cycles) {
    auto* sim = static_cast<Simulation*>(handle);
    for (int64_t i = 0; i < cycles; i++) {
        if (sim->finished()) return DONE;
        const Status status = sim->step();
        if (status != RUNNING) return status;
    }
    return sim->finished() ? DONE : RUNNING;
}

EXPORT const char* simulation_failure(void* handle) { return static_cast<Simulation*>(handle)->failure.c_str(); }

EXPORT int64_t simulation_cycle(void* handle) { return static_cast<Simulation*>(handle)->cycle; }

EXPORT int64_t simulation_culprit(void* handle) { return static_cast<Simulation*>(handle)->culprit; }

// Closes the open intervals and returns how many there are.
EXPORT int64_t simulation_finish(void* handle, const Interval** intervals) {
    auto* sim = static_cast<Simulation*>(handle);
    for (size_t i = 0; i < sim->tracks.size(); i++) {
        const Track& track = sim->tracks[i];
        if (track.open && sim->cycle > track.since) sim->intervals.push_back({(int64_t)i, track.since, sim->cycle, track.value});
    }
    *intervals = sim->intervals.data();
    return sim->intervals.size();
}
