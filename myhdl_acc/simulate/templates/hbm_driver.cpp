// hbm.h for Python: runs lists of bursts through one channel (memory/hbm.py).

#include "hbm.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

struct Burst {
    uint64_t address;
    int64_t beats, write;
    int64_t from;  // the cycle in which it is first offered
};

struct Times {
    int64_t taken, first, last;  // cycles: request accepted, first beat, last beat (write: answer)
};

struct Session {
    hbm::Channel channel;
    std::vector<hbm::Command> commands;
    int64_t cycle = 0;
};

EXPORT const char* hbm_parameter_names() {
#define X(name) #name " "
    return HBM_PARAMETERS(X);
#undef X
}

EXPORT void* hbm_open(const hbm::Parameters* parameters, int64_t traced) {
    Session* session = new Session{hbm::Channel(*parameters), {}};
    if (traced) session->channel.trace = &session->commands;
    return session;
}

EXPORT void hbm_close(void* handle) { delete static_cast<Session*>(handle); }

EXPORT int64_t hbm_commands(void* handle, const hbm::Command** commands) {
    *commands = static_cast<Session*>(handle)->commands.data();
    return int64_t(static_cast<Session*>(handle)->commands.size());
}

// Offers reads and writes in their order, at most `outstanding` of each under way, R ready in one of `r_period` cycles.
// Cycles count from the start of the run. Returns the cycles that it took, −1 if they were more than `limit`.
EXPORT int64_t hbm_run(void* handle, int64_t count, const Burst* bursts, Times* times, int64_t outstanding,
                       int64_t r_period, int64_t limit) {
    hbm::Channel& channel = static_cast<Session*>(handle)->channel;
    int64_t ar = 0, r = 0, aw = 0, w = 0, b = 0, open_reads = 0, open_writes = 0;
    const auto skip = [&](int64_t& index, int64_t write) {
        while (index < count && bursts[index].write != write) index++;
        return index < count;
    };
    for (int64_t cycle = 0; cycle < limit; cycle++) {
        if (!skip(r, 0) & !skip(b, 1)) return cycle;
        if (channel.r_valid() && cycle % r_period == 0) {
            if (channel.r_address() == bursts[r].address) times[r].first = cycle;
            const bool last = channel.r_last();
            channel.accept_r();
            if (last) times[r++].last = cycle, open_reads--;
        }
        if (channel.b_valid()) {
            times[b++].last = cycle;
            channel.accept_b();
            open_writes--;
        }
        const bool aw_ready = channel.aw_ready();
        if (skip(w, 1) && channel.w_ready()) {
            if (channel.w_address() == bursts[w].address) times[w].first = cycle;
            const bool last = channel.w_last();
            channel.accept_w();
            if (last) w++;
        }
        if (skip(ar, 0) && bursts[ar].from <= cycle && open_reads < outstanding && channel.ar_ready()) {
            times[ar].taken = cycle;
            channel.accept_ar(bursts[ar].address, int(bursts[ar].beats));
            ar++, open_reads++;
        }
        if (skip(aw, 1) && bursts[aw].from <= cycle && open_writes < outstanding && aw_ready) {
            times[aw].taken = cycle;
            channel.accept_aw(bursts[aw].address, int(bursts[aw].beats));
            aw++, open_writes++;
        }
        channel.tick();
    }
    return -1;
}
