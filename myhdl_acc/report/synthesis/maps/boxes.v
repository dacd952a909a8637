// What counts as one level of logic, or as none, when the depth of an entity is measured.

(* blackbox *)
module multiplier_box #(parameter A_WIDTH = 1, B_WIDTH = 1, Y_WIDTH = 1)
    (input [A_WIDTH-1:0] a, input [B_WIDTH-1:0] b, output [Y_WIDTH-1:0] y);
endmodule

// An asynchronous read port of a memory.
(* blackbox *)
module read_box #(parameter ADDRESS = 1, DATA = 1)
    (input [ADDRESS-1:0] address, output [DATA-1:0] data);
endmodule

// A synchronous port of a memory: paths end at its inputs and begin at its outputs.
(* blackbox *)
module clocked_box #(parameter INPUTS = 1, OUTPUTS = 1)
    (input [INPUTS-1:0] in, output [OUTPUTS-1:0] out);
endmodule
