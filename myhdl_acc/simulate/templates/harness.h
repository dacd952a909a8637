// What every harness of a verilated design has: the model, its streams, what is recorded of them, and the run loop.
// design.h defines DESIGN (the model class) and the functions that bind streams, probes and levels to its pins. A library
// has one harness.

#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "verilated.h"

#include "design.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// A track held a value from start up to, and not including, end.
struct Interval {
    int64_t track, start, end, value;
};

namespace harness {

enum Status : int64_t { RUNNING, DONE, BROKEN, DEADLOCK };

struct Stream {
    uint8_t *valid, *ready;
    bool output;
    size_t size;  // bytes of a payload structure
    std::vector<Field> fields;
    std::vector<uint8_t> held;
    bool holding = false;

    int state() const { return 2 * *valid + *ready; }
    bool passes() const { return *valid && *ready; }
    template <typename T> T& field(size_t index) const { return *static_cast<T*>(fields[index].pin); }

    void put(const uint8_t* word) const {
        for (const Field& field : fields) memcpy(field.pin, word + field.offset, field.size);
    }

    void get(uint8_t* word) const {
        for (const Field& field : fields) memcpy(word + field.offset, field.pin, field.size);
    }

    // Which rule the design breaks in this cycle at a stream that it drives, or null.
    const char* check() {
        if (holding && !*valid) return "valid fell";
        for (const Field& field : fields)
            if (holding && memcmp(&held[field.offset], field.pin, field.size)) return "the payload changed";
        holding = *valid && !*ready;
        if (holding) get(held.data());
        return nullptr;
    }
};

// The run lengths of tracks; `cycle` is the present one.
class Recorder {
    struct Track {
        bool open = false;
        int64_t value = 0, since = 0;
    };
    std::vector<Track> tracks;

    void end(size_t index) {
        const Track& track = tracks[index];
        if (track.open && cycle > track.since)
            intervals.push_back({int64_t(index), track.since, cycle, track.value});
    }

  public:
    std::vector<Interval> intervals;
    int64_t cycle = 0;

    void start(size_t count) {
        tracks.assign(count, Track());
        intervals.clear();
        cycle = 0;
    }

    void note(size_t index, int64_t value) {
        if (tracks[index].open && tracks[index].value == value) return;
        end(index);
        tracks[index] = {true, value, cycle};
    }

    void close() {
        for (size_t index = 0; index < tracks.size(); index++) {
            end(index);
            tracks[index].open = false;
        }
    }
};

class Simulation {
    VerilatedContext context;
    bool alive = true;

    // One level of the clock, until the model settles; false if it gives up.
    bool eval(int clock) {
        set_clock(*model, clock);
        try {
            if (alive) model->eval();
        } catch (const std::exception& error) {
            fault = error.what();
            alive = false;
        }
        return alive;
    }

  public:
    std::unique_ptr<DESIGN> model;
    std::vector<Stream> streams;
    std::vector<Probe> probes;
    Recorder recorder;
    std::string fault;  // why it cannot go on
    int64_t cycle = 0;

    Simulation() {
        context.threads(1);
        model = std::make_unique<DESIGN>(&context, "top");
        bind_streams(*model, [&](uint8_t* valid, uint8_t* ready, bool output, size_t size, std::vector<Field> fields) {
            streams.push_back({valid, ready, output, size, fields, std::vector<uint8_t>(size)});
        });
        probes = bind_probes(*model);
    }

    virtual ~Simulation() {
        if (alive) model->final();
    }

    virtual bool done() const = 0;
    virtual void drive() = 0;      // the design's inputs in this cycle
    virtual Status observe() = 0;  // what the settled design shows in it
    virtual Status edge() = 0;     // its end: after the rising edge

    Status step() {
        drive();
        if (!eval(0)) return BROKEN;
        const Status status = observe();
        if (status != RUNNING) return status;
        if (!eval(1)) return BROKEN;
        cycle++;
        return edge();
    }

    void reset(int64_t cycles) {
        set_reset(*model, 1);
        for (int64_t i = 0; i < cycles; i++) {
            drive();
            if (!eval(0) || !eval(1)) return;
            cycle++;
            edge();
        }
        set_reset(*model, 0);
    }
};

inline Simulation* of(void* handle) { return static_cast<Simulation*>(handle); }

}  // namespace harness

EXPORT void simulation_close(void* handle) { delete harness::of(handle); }

// Runs for at most so many cycles; returns a Status.
EXPORT int64_t simulation_run(void* handle, int64_t cycles) {
    harness::Simulation* sim = harness::of(handle);
    for (int64_t i = 0; i < cycles; i++) {
        if (sim->done()) return harness::DONE;
        const harness::Status status = sim->step();
        if (status != harness::RUNNING) return status;
    }
    return sim->done() ? harness::DONE : harness::RUNNING;
}

EXPORT const char* simulation_fault(void* handle) { return harness::of(handle)->fault.c_str(); }

EXPORT int64_t simulation_cycle(void* handle) { return harness::of(handle)->cycle; }

// Closes all intervals and gives those since the last simulation_forget(); they stay until the next cycle.
EXPORT int64_t simulation_intervals(void* handle, const Interval** intervals) {
    harness::Recorder& recorder = harness::of(handle)->recorder;
    recorder.close();
    *intervals = recorder.intervals.data();
    return int64_t(recorder.intervals.size());
}

EXPORT void simulation_forget(void* handle) { harness::of(handle)->recorder.intervals.clear(); }
