// The pins of the ULX3S around the module system.
module top (
    input clk_25mhz,
    output ftdi_rxd,
    input ftdi_txd,
    output [7:0] led,
    output wifi_gpio0,
    output sdram_clk,
    output sdram_cke,
    output sdram_csn,
    output sdram_wen,
    output sdram_rasn,
    output sdram_casn,
    output [12:0] sdram_a,
    output [1:0] sdram_ba,
    output [1:0] sdram_dqm,
    inout [15:0] sdram_d
);
    wire clk, locked, running, memory_ready;
    wire [15:0] dq_o, dq_i;
    wire dq_oe;

    // Keeps the ESP32 from restarting the board.
    assign wifi_gpio0 = 1;
    assign led = {5'b0, running, memory_ready, locked};

    (* FREQUENCY_PIN_CLKI = "25", ICP_CURRENT = "12", LPF_RESISTOR = "8" *)
    EHXPLLL #(
        .CLKI_DIV(${clki_div}),
        .CLKFB_DIV(${clkfb_div}),
        .CLKOP_DIV(${clkop_div}),
        .CLKOP_CPHASE(${clkop_cphase}),
        .CLKOP_FPHASE(0),
        .CLKOP_ENABLE("ENABLED"),
        .FEEDBK_PATH("CLKOP")
    ) pll (
        .CLKI(clk_25mhz),
        .CLKOP(clk),
        .CLKFB(clk),
        .LOCK(locked),
        .RST(1'b0),
        .STDBY(1'b0),
        .PHASESEL0(1'b0),
        .PHASESEL1(1'b0),
        .PHASEDIR(1'b0),
        .PHASESTEP(1'b0),
        .PHASELOADREG(1'b0),
        .PLLWAKESYNC(1'b0),
        .ENCLKOP(1'b0)
    );

    // The chip's clock: clk, inverted.
    ODDRX1F clock_out (.SCLK(clk), .RST(1'b0), .D0(1'b0), .D1(1'b1), .Q(sdram_clk));

    genvar i;
    generate
        for (i = 0; i < 16; i = i + 1) begin : data
            BB pad (.I(dq_o[i]), .T(!dq_oe), .O(dq_i[i]), .B(sdram_d[i]));
        end
    endgenerate

    system u_system (
        .clk(clk),
        .locked(locked),
        .receive(ftdi_txd),
        .transmit(ftdi_rxd),
        .running(running),
        .memory_ready(memory_ready),
        .sdram_a(sdram_a),
        .sdram_ba(sdram_ba),
        .sdram_ras_n(sdram_rasn),
        .sdram_cas_n(sdram_casn),
        .sdram_we_n(sdram_wen),
        .sdram_cs_n(sdram_csn),
        .sdram_cke(sdram_cke),
        .sdram_dm(sdram_dqm),
        .sdram_dq_o(dq_o),
        .sdram_dq_oe(dq_oe),
        .sdram_dq_i(dq_i)
    );
endmodule
