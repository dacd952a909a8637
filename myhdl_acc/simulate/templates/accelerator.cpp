// A verilated accelerator with a memory channel behind every port (driver/simulation_device.py).
// Its streams are, in order, s_axi_control's AW, W, B, AR and R, then AR, R, AW, W and B of all lanes; its probes
// interrupt_request, running, and those that are recorded.

#include <cinttypes>
#include <cstdio>
#include <deque>

#include "harness.h"
#include "hbm.h"

namespace {

using harness::Status;
using harness::Stream;

constexpr int OKAY = 0, DECERR = 3;
constexpr uint64_t PAGE = 4096;
constexpr int64_t PATIENCE = 1000;  // cycles for a register access

enum ControlStream { CONTROL_AW, CONTROL_W, CONTROL_B, CONTROL_AR, CONTROL_R, CONTROL_STREAMS };

std::string broken(const char* stream, const char* rule) {
    return std::string(stream) + ": " + rule + " before the word was taken";
}

struct Write {
    uint64_t address;
    std::vector<uint8_t> data;
};

// One port, its channel and its memory.
struct Lane {
    Stream ar, r, aw, w, b;
    const size_t beat_bytes;
    std::unique_ptr<hbm::Channel> channel;
    uint8_t* memory = nullptr;
    uint64_t base = 0, size = 0;
    int64_t reads = 0;         // bursts whose last beat has not passed
    std::deque<Write> writes;  // bursts whose answer has not passed: only then are they in memory
    size_t incomplete = 0;     // of those, the bursts whose last beat has not come
    uint64_t watched = 0, watched_size = 0;
    bool written = false;      // what is watched

    // port: AR, R, AW, W, B
    explicit Lane(const std::vector<Stream>& port)
        : ar(port[0]), r(port[1]), aw(port[2]), w(port[3]), b(port[4]), beat_bytes(r.fields[0].size) {}

    void reset(const hbm::Parameters& parameters) {
        channel = std::make_unique<hbm::Channel>(parameters);
        reads = incomplete = 0;
        writes.clear();
        ar.holding = aw.holding = w.holding = false;
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
        if (const char* rule = ar.check()) return broken("source_ar", rule);
        if (const char* rule = aw.check()) return broken("source_aw", rule);
        if (const char* rule = w.check()) return broken("source_w", rule);
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
            written |= write.address - watched < watched_size;
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

struct Session : harness::Simulation {
    const hbm::Parameters parameters;
    std::vector<Stream> control;
    std::vector<Lane> lanes;
    const uint8_t *interrupt, *running;
    std::vector<const uint8_t*> recorded;
    int64_t record = 0;  // 1: lanes and vector unit, 2: the ports as well
    bool passed[CONTROL_STREAMS];  // what control's streams transferred in the cycle
    uint32_t answer = 0;

    explicit Session(const hbm::Parameters& memory) : parameters(memory) {
        control.assign(streams.begin(), streams.begin() + CONTROL_STREAMS);
        const size_t count = (streams.size() - CONTROL_STREAMS) / 5;
        for (size_t lane = 0; lane < count; lane++) {
            std::vector<Stream> port;
            for (size_t kind = 0; kind < 5; kind++) port.push_back(streams[CONTROL_STREAMS + kind * count + lane]);
            lanes.emplace_back(port);
        }
        for (const Probe& probe : probes) recorded.push_back(static_cast<const uint8_t*>(probe.pin));
        interrupt = recorded[0];
        running = recorded[1];
        recorded.erase(recorded.begin(), recorded.begin() + 2);
    }

    bool done() const override { return *interrupt || lanes[0].written; }

    void drive() override {
        for (Lane& lane : lanes) lane.drive();
    }

    void note() {
        size_t index = 0;
        for (const uint8_t* probe : recorded) recorder.note(index++, *probe);
        if (record > 1)
            for (const Lane& lane : lanes)
                for (const Stream* stream : {&lane.ar, &lane.r, &lane.aw, &lane.w})
                    recorder.note(index++, stream->state());
        recorder.cycle++;
    }

    Status observe() override {
        if (record && *running) note();
        std::string what;
        for (size_t i = 0; i < lanes.size() && what.empty(); i++) {
            what = lanes[i].take();
            if (!what.empty()) what = "lane " + std::to_string(i) + ", " + what;
        }
        for (int index : {CONTROL_B, CONTROL_R})
            if (const char* rule = control[index].check()) what = broken("source_control", rule);
        for (int index = 0; index < CONTROL_STREAMS; index++) passed[index] = control[index].passes();
        answer = control[CONTROL_R].field<uint32_t>(0);
        if (what.empty()) return harness::RUNNING;
        fault = what + " (cycle " + std::to_string(cycle) + ")";
        return harness::BROKEN;
    }

    Status edge() override {
        for (Lane& lane : lanes) lane.channel->tick();
        return harness::RUNNING;
    }

    void restart(int64_t cycles) {
        for (Stream& stream : control) stream.holding = false;
        for (int index : {CONTROL_AW, CONTROL_W, CONTROL_AR}) *control[index].valid = 0;
        for (int index : {CONTROL_B, CONTROL_R}) *control[index].ready = 0;
        for (Lane& lane : lanes) lane.reset(parameters);
        reset(cycles);
    }

    // A register access: offers the words of `requests` until the answer comes at stream `end`.
    Status exchange(const std::vector<int>& requests, int end) {
        *control[end].ready = 1;
        for (int index : requests) *control[index].valid = 1;
        for (int64_t i = 0; i < PATIENCE; i++) {
            if (step() != harness::RUNNING) return harness::BROKEN;
            for (int index : requests)
                if (passed[index]) *control[index].valid = 0;
            if (passed[end]) {
                *control[end].ready = 0;
                return harness::RUNNING;
            }
        }
        fault = "s_axi_control: no answer within " + std::to_string(PATIENCE) + " cycles";
        return harness::BROKEN;
    }
};

Session* session(void* handle) { return static_cast<Session*>(harness::of(handle)); }

}  // namespace

EXPORT void* simulation_open(const hbm::Parameters* memory) {
    return static_cast<harness::Simulation*>(new Session(*memory));
}

// A lane's memory: `size` bytes at address `base`; the caller keeps them.
EXPORT void simulation_memory(void* handle, int64_t lane, uint8_t* data, uint64_t base, uint64_t size) {
    Lane& place = session(handle)->lanes[lane];
    place.memory = data;
    place.base = base;
    place.size = size;
}

// Runs pause where something is written to lane 0's `size` bytes at `address`; once only after each call.
EXPORT void simulation_watch(void* handle, uint64_t address, uint64_t size) {
    Lane& lane = session(handle)->lanes[0];
    lane.watched = address;
    lane.watched_size = size;
    lane.written = false;
}

EXPORT void simulation_reset(void* handle, int64_t cycles) { session(handle)->restart(cycles); }

EXPORT int64_t simulation_write(void* handle, uint32_t address, uint32_t value) {
    Session* sim = session(handle);
    sim->control[CONTROL_AW].field<uint16_t>(0) = address;
    sim->control[CONTROL_W].field<uint32_t>(0) = value;
    sim->control[CONTROL_W].field<uint8_t>(1) = 15;
    return sim->exchange({CONTROL_AW, CONTROL_W}, CONTROL_B);
}

EXPORT int64_t simulation_read(void* handle, uint32_t address, uint32_t* value) {
    Session* sim = session(handle);
    sim->control[CONTROL_AR].field<uint16_t>(0) = address;
    const Status status = sim->exchange({CONTROL_AR}, CONTROL_R);
    *value = sim->answer;
    return status;
}

// Bursts that memory has taken and not finished, over all lanes.
EXPORT int64_t simulation_open_bursts(void* handle) {
    int64_t count = 0;
    for (const Lane& lane : session(handle)->lanes) count += lane.reads + int64_t(lane.writes.size());
    return count;
}

EXPORT void simulation_record(void* handle, int64_t what) {
    Session* sim = session(handle);
    sim->record = what;
    sim->recorder.start(sim->recorded.size() + 4 * sim->lanes.size());
}
