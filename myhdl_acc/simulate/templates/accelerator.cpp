// A verilated accelerator with a memory channel behind every port (driver/simulation_device.py).
// design.h defines DESIGN (the model class) and the functions that bind the model's pins. Its streams are, in order,
// s_axi_control's AW, W, B, AR and R, then AR, R, AW, W and B of all lanes; its probes interrupt_request, running, and
// those that are recorded.

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "verilated.h"

#include "hbm.h"

#include "design.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

// A track held a value from start up to, and not including, end.
struct Interval {
    int64_t start, end;
    int32_t track, value;
};

namespace {

enum Status : int64_t { RUNNING, INTERRUPT, BROKEN };

constexpr int OKAY = 0, DECERR = 3;
constexpr uint64_t PAGE = 4096;
constexpr int64_t PATIENCE = 1000;  // cycles for a register access

struct Stream {
    uint8_t *valid, *ready;
    std::vector<Field> fields;

    bool passes() const { return *valid && *ready; }
    template <typename T> T& field(size_t index) const { return *static_cast<T*>(fields[index].pin); }
};

enum ControlStream { CONTROL_AW, CONTROL_W, CONTROL_B, CONTROL_AR, CONTROL_R, CONTROL_STREAMS };

// The rules of valid and payload, for a stream that the design drives.
struct Watch {
    Stream stream;
    std::vector<uint8_t> held;
    bool holding = false;

    Watch(const Stream& watched, size_t size) : stream(watched), held(size) {}

    // What is wrong in this cycle, or null.
    const char* check() {
        if (holding && !*stream.valid) return "valid fell before the word was taken";
        for (const Field& field : stream.fields)
            if (holding && memcmp(&held[field.offset], field.pin, field.size))
                return "the payload changed before the word was taken";
        holding = *stream.valid && !*stream.ready;
        if (holding)
            for (const Field& field : stream.fields) memcpy(&held[field.offset], field.pin, field.size);
        return nullptr;
    }
};

struct Write {
    uint64_t address;
    std::vector<uint8_t> data;
};

// One port, its channel and its memory.
struct Lane {
    Stream ar, r, aw, w, b;
    const size_t beat_bytes;
    std::vector<Watch> watches;
    std::unique_ptr<hbm::Channel> channel;
    uint8_t* memory = nullptr;
    uint64_t base = 0, size = 0;
    int64_t reads = 0;         // bursts whose last beat has not passed
    std::deque<Write> writes;  // bursts whose answer has not passed: only then are they in memory
    size_t incomplete = 0;     // of those, the bursts whose last beat has not come

    // streams: AR, R, AW, W, B
    explicit Lane(const std::vector<Watch>& streams)
        : ar(streams[0].stream), r(streams[1].stream), aw(streams[2].stream), w(streams[3].stream), b(streams[4].stream),
          beat_bytes(r.fields[0].size), watches({streams[0], streams[2], streams[3]}) {}

    void reset(const hbm::Parameters& parameters) {
        channel = std::make_unique<hbm::Channel>(parameters);
        reads = incomplete = 0;
        writes.clear();
        for (Watch& watch : watches) watch.holding = false;
    }

    uint8_t* place(uint64_t address, uint64_t bytes) const {
        return address >= base && address - base + bytes <= size ? memory + (address - base) : nullptr;
    }

    void drive() {
        *ar.ready = channel->ar_ready();
        *r.valid = channel->r_valid();
        if (*r.valid) {
            const uint8_t* beat = place(channel->r_address(), beat_bytes);
            if (beat) memcpy(r.fields[0].pin, beat, beat_bytes);
            else memset(r.fields[0].pin, 0, beat_bytes);
            r.field<uint8_t>(1) = beat ? OKAY : DECERR;
            r.field<uint8_t>(2) = channel->r_last();
        }
        *aw.ready = channel->aw_ready();
        *w.ready = channel->w_ready();
        *b.valid = channel->b_valid();
        if (*b.valid) b.field<uint8_t>(0) = place(writes.front().address, writes.front().data.size()) ? OKAY : DECERR;
    }

    std::string request_fault(const char* name, const Stream& request) const {
        const uint64_t address = request.field<uint64_t>(0), beats = request.field<uint8_t>(1) + 1;
        const char* what = address % beat_bytes                                                  ? "is not a whole beat's"
                           : address / PAGE != (address + beats * beat_bytes - 1) / PAGE ? "leads across a 4 KB boundary"
                                                                                                 : nullptr;
        if (!what) return "";
        char text[120];
        snprintf(text, sizeof text, "%s: a burst of %d beats at address 0x%" PRIx64 " %s", name, int(beats), address, what);
        return text;
    }

    // Takes what the port transfers in this cycle. Returns what is wrong, or nothing.
    std::string take() {
        const char* names[] = {"source_ar", "source_aw", "source_w"};
        for (int i = 0; i < 3; i++)
            if (const char* fault = watches[i].check()) return std::string(names[i]) + ": " + fault;
        if (r.passes()) {
            if (channel->r_last()) reads--;
            channel->accept_r();
        }
        if (ar.passes()) {
            const std::string fault = request_fault("source_ar", ar);
            if (!fault.empty()) return fault;
            channel->accept_ar(ar.field<uint64_t>(0), ar.field<uint8_t>(1) + 1);
            reads++;
        }
        if (b.passes()) {
            const Write& write = writes.front();
            if (b.field<uint8_t>(0) == OKAY)
                memcpy(place(write.address, write.data.size()), write.data.data(), write.data.size());
            writes.pop_front();
            channel->accept_b();
        }
        if (w.passes()) {
            const bool last = channel->w_last();
            if (bool(w.field<uint8_t>(1)) != last) return last ? "source_w: last is missing" : "source_w: last comes early";
            const uint8_t* beat = static_cast<uint8_t*>(w.fields[0].pin);
            Write& write = writes[writes.size() - incomplete];
            write.data.insert(write.data.end(), beat, beat + beat_bytes);
            if (last) incomplete--;
            channel->accept_w();
        }
        if (aw.passes()) {
            const std::string fault = request_fault("source_aw", aw);
            if (!fault.empty()) return fault;
            channel->accept_aw(aw.field<uint64_t>(0), aw.field<uint8_t>(1) + 1);
            writes.push_back({aw.field<uint64_t>(0), {}});
            incomplete++;
        }
        return "";
    }
};

struct Track {
    int32_t value = -1;  // of no cycle yet
    int64_t since = 0;
};

struct Simulation {
    const hbm::Parameters parameters;
    VerilatedContext context;
    std::unique_ptr<DESIGN> model;
    std::vector<Watch> control;
    std::vector<Lane> lanes;
    std::vector<const uint8_t*> probes;  // the recorded ones
    const uint8_t *interrupt, *running;
    std::string fault;  // what broke a rule, or what the model gave up for
    bool dead = false;  // it gave up
    int64_t cycle = 0;
    int64_t record = 0;  // 1: lanes and vector unit, 2: the ports as well
    int64_t recorded = 0;  // cycles of runs
    std::vector<Track> tracks;
    std::vector<Interval> intervals;

    explicit Simulation(const hbm::Parameters& memory) : parameters(memory) {
        context.threads(1);
        model = std::make_unique<DESIGN>(&context, "top");
        std::vector<Watch> streams;
        bind_streams(*model, [&](uint8_t* valid, uint8_t* ready, bool, size_t size, std::vector<Field> fields) {
            streams.emplace_back(Stream{valid, ready, fields}, size);
        });
        control.assign(streams.begin(), streams.begin() + CONTROL_STREAMS);
        const size_t count = (streams.size() - CONTROL_STREAMS) / 5;
        for (size_t lane = 0; lane < count; lane++) {
            std::vector<Watch> port;
            for (size_t kind = 0; kind < 5; kind++) port.push_back(streams[CONTROL_STREAMS + kind * count + lane]);
            lanes.emplace_back(port);
        }
        for (const Probe& probe : bind_probes(*model)) probes.push_back(static_cast<const uint8_t*>(probe.pin));
        interrupt = probes[0];
        running = probes[1];
        probes.erase(probes.begin(), probes.begin() + 2);
        tracks.resize(probes.size() + 4 * count);
    }

    // Evaluates the model; returns whether it can go on.
    bool eval() {
        try {
            if (!dead) model->eval();
        } catch (const std::exception& error) {
            fault = error.what();
            dead = true;
        }
        return !dead;
    }

    void note(size_t index, int32_t value) {
        Track& track = tracks[index];
        if (track.value == value) return;
        if (track.value >= 0) intervals.push_back({track.since, recorded, int32_t(index), track.value});
        track = {value, recorded};
    }

    void observe() {
        size_t index = 0;
        for (const uint8_t* probe : probes) note(index++, *probe);
        if (record > 1)
            for (const Lane& lane : lanes)
                for (const Stream* stream : {&lane.ar, &lane.r, &lane.aw, &lane.w})
                    note(index++, 2 * *stream->valid + *stream->ready);
        recorded++;
    }

    // Up to the rising edge; false if a rule is broken or the model gave up.
    bool settle() {
        for (Lane& lane : lanes) lane.drive();
        set_clock(*model, 0);
        if (!eval()) return false;
        if (record && *running) observe();
        std::string what;
        for (size_t i = 0; i < lanes.size() && what.empty(); i++) {
            what = lanes[i].take();
            if (!what.empty()) what = "lane " + std::to_string(i) + ", " + what;
        }
        for (int index : {CONTROL_B, CONTROL_R})
            if (const char* rule = control[index].check()) what = std::string("source_control: ") + rule;
        if (!what.empty()) fault = what + " (cycle " + std::to_string(cycle) + ")";
        return what.empty();
    }

    // The rising edge; false if the model gave up.
    bool tick() {
        set_clock(*model, 1);
        if (!eval()) return false;
        for (Lane& lane : lanes) lane.channel->tick();
        cycle++;
        return true;
    }

    void reset(int64_t cycles) {
        for (Watch& watch : control) watch.holding = false;
        for (int index : {CONTROL_AW, CONTROL_W, CONTROL_AR}) *control[index].stream.valid = 0;
        for (int index : {CONTROL_B, CONTROL_R}) *control[index].stream.ready = 0;
        for (Lane& lane : lanes) lane.reset(parameters);
        set_reset(*model, 1);
        for (int64_t i = 0; i < cycles; i++) {
            for (Lane& lane : lanes) lane.drive();
            set_clock(*model, 0);
            if (!eval() || !tick()) return;
        }
        set_reset(*model, 0);
    }

    // A register access: offers the words of `requests` until `answer` comes. Its first field is the result.
    bool exchange(const std::vector<int>& requests, int answer, uint32_t* result) {
        const Stream& end = control[answer].stream;
        *end.ready = 1;
        for (int index : requests) *control[index].stream.valid = 1;
        for (int64_t i = 0; i < PATIENCE; i++) {
            if (!settle()) return false;
            std::vector<int> passed;
            for (int index : requests)
                if (control[index].stream.passes()) passed.push_back(index);
            const bool done = *end.valid;
            if (done && result) *result = end.field<uint32_t>(0);
            if (!tick()) return false;
            for (int index : passed) *control[index].stream.valid = 0;
            if (done) {
                *end.ready = 0;
                return true;
            }
        }
        fault = "s_axi_control: no answer within " + std::to_string(PATIENCE) + " cycles";
        return false;
    }
};

}  // namespace

EXPORT void* accelerator_open(const hbm::Parameters* memory) { return new Simulation(*memory); }

EXPORT void accelerator_close(void* handle) {
    auto* sim = static_cast<Simulation*>(handle);
    if (!sim->dead) sim->model->final();
    delete sim;
}

// A lane's memory: `size` bytes at address `base`; the caller keeps them.
EXPORT void accelerator_memory(void* handle, int64_t lane, uint8_t* data, uint64_t base, uint64_t size) {
    Lane& place = static_cast<Simulation*>(handle)->lanes[lane];
    place.memory = data;
    place.base = base;
    place.size = size;
}

EXPORT void accelerator_reset(void* handle, int64_t cycles) { static_cast<Simulation*>(handle)->reset(cycles); }

EXPORT int64_t accelerator_write(void* handle, uint32_t address, uint32_t value) {
    auto* sim = static_cast<Simulation*>(handle);
    sim->control[CONTROL_AW].stream.field<uint16_t>(0) = address;
    sim->control[CONTROL_W].stream.field<uint32_t>(0) = value;
    sim->control[CONTROL_W].stream.field<uint8_t>(1) = 15;
    return sim->exchange({CONTROL_AW, CONTROL_W}, CONTROL_B, nullptr) ? RUNNING : BROKEN;
}

EXPORT int64_t accelerator_read(void* handle, uint32_t address, uint32_t* value) {
    auto* sim = static_cast<Simulation*>(handle);
    sim->control[CONTROL_AR].stream.field<uint16_t>(0) = address;
    return sim->exchange({CONTROL_AR}, CONTROL_R, value) ? RUNNING : BROKEN;
}

// Runs until the interrupt line is high, for at most so many cycles.
EXPORT int64_t accelerator_run(void* handle, int64_t cycles) {
    auto* sim = static_cast<Simulation*>(handle);
    for (int64_t i = 0; i < cycles; i++) {
        if (*sim->interrupt) return INTERRUPT;
        if (!sim->settle() || !sim->tick()) return BROKEN;
    }
    return *sim->interrupt ? INTERRUPT : RUNNING;
}

EXPORT const char* accelerator_fault(void* handle) { return static_cast<Simulation*>(handle)->fault.c_str(); }

EXPORT int64_t accelerator_cycle(void* handle) { return static_cast<Simulation*>(handle)->cycle; }

// Bursts that memory has taken and not finished, over all lanes.
EXPORT int64_t accelerator_open_bursts(void* handle) {
    int64_t count = 0;
    for (const Lane& lane : static_cast<Simulation*>(handle)->lanes) count += lane.reads + int64_t(lane.writes.size());
    return count;
}

EXPORT void accelerator_record(void* handle, int64_t on) {
    auto* sim = static_cast<Simulation*>(handle);
    sim->record = on;
    sim->recorded = 0;
    sim->intervals.clear();
    for (auto& track : sim->tracks) track = {};
}

// Closes all intervals and gives those since the last call; they stay until the next cycle.
EXPORT int64_t accelerator_intervals(void* handle, const Interval** intervals) {
    auto* sim = static_cast<Simulation*>(handle);
    for (size_t index = 0; index < sim->tracks.size(); index++) sim->note(index, -1);
    *intervals = sim->intervals.data();
    return int64_t(sim->intervals.size());
}

EXPORT void accelerator_forget(void* handle) { static_cast<Simulation*>(handle)->intervals.clear(); }
