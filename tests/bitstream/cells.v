// What block RAMs and multipliers do, in every shape; 36 bits of `found` for each.
module ram #(parameter WIDTH = 9, DEPTH_BITS = 11, PART = WIDTH) (
    input clk, input write, input read, input [3:0] parts, input [13:0] to, input [13:0] from, input [35:0] data,
    output [35:0] found
);
    reg [WIDTH - 1:0] memory [0:(1 << DEPTH_BITS) - 1];
    reg [WIDTH - 1:0] held = 0;
    assign found = held;
    integer i;
    always @(posedge clk) begin
        for (i = 0; i < WIDTH / PART; i = i + 1)
            if (write && parts[i]) memory[to[DEPTH_BITS - 1:0]][PART * i +: PART] <= data[PART * i +: PART];
        if (read) held <= memory[from[DEPTH_BITS - 1:0]];
    end
endmodule

// Two neighbours at a time of what is written one by one.
module wide_read (
    input clk, input write, input read, input [10:0] to, input [9:0] from, input [8:0] data, output [35:0] found
);
    reg [8:0] memory [0:2047];
    reg [17:0] held = 0;
    assign found = held;
    always @(posedge clk) begin
        if (write) memory[to] <= data;
        if (read) held <= {memory[{from, 1'b1}], memory[{from, 1'b0}]};
    end
endmodule

module rom #(parameter WIDTH = 18, DEPTH_BITS = 10) (
    input clk, input read, input [13:0] from, output [35:0] found
);
    reg [WIDTH - 1:0] memory [0:(1 << DEPTH_BITS) - 1];
    reg [WIDTH - 1:0] held = 0;
    assign found = held;
    integer i;
    initial for (i = 0; i < 1 << DEPTH_BITS; i = i + 1) memory[i] = (i * 40503 ^ i * i * 7) >> 5;
    always @(posedge clk) if (read) held <= memory[from[DEPTH_BITS - 1:0]];
endmodule

module cells (
    input clk, input write, input read, input [3:0] parts, input [13:0] to, input [13:0] from, input [35:0] data,
    output [36 * 17 - 1:0] found
);
    ram #(1, 14) ram_1(clk, write, read, 4'hF, to, from, data, found[36 * 0 +: 36]);
    ram #(2, 13) ram_2(clk, write, read, 4'hF, to, from, data, found[36 * 1 +: 36]);
    ram #(4, 12) ram_4(clk, write, read, 4'hF, to, from, data, found[36 * 2 +: 36]);
    ram #(9, 11) ram_9(clk, write, read, 4'hF, to, from, data, found[36 * 3 +: 36]);
    ram #(18, 10) ram_18(clk, write, read, 4'hF, to, from, data, found[36 * 4 +: 36]);
    ram #(36, 9) ram_36(clk, write, read, 4'hF, to, from, data, found[36 * 5 +: 36]);
    ram #(18, 10, 9) parts_18(clk, write, read, parts, to, from, data, found[36 * 6 +: 36]);
    ram #(36, 9, 9) parts_36(clk, write, read, parts, to, from, data, found[36 * 7 +: 36]);
    ram #(18, 10, 9) one_port(clk, write, read, parts, to, to, data, found[36 * 8 +: 36]);
    wide_read wide(clk, write, read, to[10:0], from[9:0], data[8:0], found[36 * 9 +: 36]);
    rom #(4, 12) rom_4(clk, read, from, found[36 * 10 +: 36]);
    rom #(9, 11) rom_9(clk, read, from, found[36 * 11 +: 36]);
    rom #(18, 10) rom_18(clk, read, from, found[36 * 12 +: 36]);

    wire [17:0] a = data[17:0], b = data[35:18];
    wire [35:0] other = {data[8:0], data[35:9]};
    reg [35:0] unsigned_product = 0, signed_product = 0;
    reg [71:0] wide_product = 0;
    assign found[36 * 13 +: 144] = {wide_product, signed_product, unsigned_product};
    always @(posedge clk) begin
        unsigned_product <= a * b;
        signed_product <= $signed(a) * $signed(b);
        // Several multipliers, some with a sign in one factor only.
        wide_product <= $signed(data) * $signed(other);
    end
endmodule
