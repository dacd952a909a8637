// All that is clocked: the accelerator with the host's link, and the memory. Simulations have this as their top.
module system (
    input clk,
    input locked,
    input receive,
    output transmit,
    output running,
    output memory_ready,
    output [12:0] sdram_a,
    output [1:0] sdram_ba,
    output sdram_ras_n,
    output sdram_cas_n,
    output sdram_we_n,
    output sdram_cs_n,
    output sdram_cke,
    output [1:0] sdram_dm,
    output [15:0] sdram_dq_o,
    output sdram_dq_oe,
    input [15:0] sdram_dq_i
);
    // The memory starts once the clock is there, and the rest once the memory is.
    reg [1:0] clock_seen = 0;
    reg reset = 1;
    always @(posedge clk) begin
        clock_seen <= {clock_seen[0], locked};
        reset <= !memory_ready || !clock_seen[1];
    end

    // The chip's clock is this one inverted: its words are there half a cycle before they change.
    reg [15:0] dq_captured;
    always @(negedge clk) dq_captured <= sdram_dq_i;

${wires}

    ${board} u_board (
        .clk(clk),
        .rst(reset),
        .receive(receive),
        .transmit(transmit),
        .running(running),
${board_ports}
    );

    sdram u_sdram (
        .sys_clk(clk),
        .sys_rst(!clock_seen[1]),
        .ready(memory_ready),
        .a(sdram_a),
        .ba(sdram_ba),
        .ras_n(sdram_ras_n),
        .cas_n(sdram_cas_n),
        .we_n(sdram_we_n),
        .cs_n(sdram_cs_n),
        .cke(sdram_cke),
        .dm(sdram_dm),
        .dq_o(sdram_dq_o),
        .dq_oe(sdram_dq_oe),
        .dq_i(dq_captured),
${memory_ports}
    );
endmodule
