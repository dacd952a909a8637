// `cells` and its netlist with the same random inputs: which results differ at this edge.
module bench (input clk, output reg [16:0] wrong);
    reg [71:0] random = 0;
    always @(posedge clk) random <= {$urandom, $urandom, $urandom};
    // Half of the addresses are of few, so that what is read was written, and now and then just then.
    wire [13:0] to = random[70] ? random[13:0] : {4{random[2:0]}};
    wire [13:0] from = random[71] ? random[27:14] : {4{random[16:14]}};
    wire [36 * 17 - 1:0] expected, found;
    cells rtl(clk, random[64], random[65], random[69:66], to, from, random[63:28], expected);
    gates netlist(clk, random[64], random[65], random[69:66], to, from, random[63:28], found);
    integer i;
    always @* for (i = 0; i < 17; i = i + 1) wrong[i] = expected[36 * i +: 36] != found[36 * i +: 36];
endmodule
