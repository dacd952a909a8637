// prefetch at u280 on the HBM model: reads memory in order and checks every beat. Prints cycles and beats.

#include <cstdio>
#include <cstdlib>

#include "Vprefetch.h"
#include "hbm.h"

static uint32_t word(uint64_t address, int index) { return uint32_t((address / 64 * 16 + index) * 2654435761u); }

int main(int, char** argv) {
    const int64_t beats = atoll(argv[1]), pause = atoll(argv[2]);  // no beat is taken in the first `pause` cycles
    hbm::Parameters parameters;
    int64_t* values = reinterpret_cast<int64_t*>(&parameters);
    for (size_t i = 0; i < sizeof parameters / sizeof(int64_t); i++) values[i] = atoll(argv[3 + i]);
    hbm::Channel channel(parameters);
    Vprefetch top;
    top.base = uint64_t(3) << 12;
    const auto edge = [&] {
        top.clk = 1, top.eval();
        top.clk = 0, top.eval();
    };
    top.rst = 1;
    for (int i = 0; i < 4; i++) edge();
    top.rst = 0;
    const int64_t part = 1000;  // beats of a command
    int64_t given = 0, taken = 0, cycle = 0;
    for (; taken < beats; cycle++) {
        top.sink_command_valid = given * part < beats;
        top.sink_command_address = given * part;
        top.sink_command_beats = std::min(part, beats - given * part);
        top.port_source_ar_ready = channel.ar_ready();
        top.port_sink_r_valid = channel.r_valid();
        if (top.port_sink_r_valid) {
            for (int i = 0; i < 16; i++) top.port_sink_r_data[i] = word(channel.r_address(), i);
            top.port_sink_r_last = channel.r_last();
        }
        top.source_beat_ready = cycle >= pause;
        top.eval();
        if (top.port_sink_r_valid && !top.port_sink_r_ready) return puts("R stalled"), 1;
        if (top.source_beat_valid && top.source_beat_ready) {
            for (int i = 0; i < 16; i++)
                if (top.source_beat_data[i] != word(top.base + taken * 64, i)) return puts("wrong beat"), 1;
            taken++;
        }
        if (top.sink_command_valid && top.sink_command_ready) given++;
        if (top.port_source_ar_valid && top.port_source_ar_ready) channel.accept_ar(top.port_source_ar_address, top.port_source_ar_length + 1);
        if (top.port_sink_r_valid && top.port_sink_r_ready) channel.accept_r();
        channel.tick();
        edge();
        if (cycle > 100 * beats + pause) return puts("hangs"), 1;
    }
    printf("%lld\n", (long long)cycle);
}
