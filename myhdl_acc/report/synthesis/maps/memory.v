// A memory is a memory, not registers and multiplexers.

(* techmap_celltype = "$mem_v2" *)
module map_memory (RD_CLK, RD_EN, RD_ARST, RD_SRST, RD_ADDR, RD_DATA, WR_CLK, WR_EN, WR_ADDR, WR_DATA);
    parameter MEMID = "", INIT = 0, SIZE = 1, OFFSET = 0, ABITS = 1, WIDTH = 1, RD_PORTS = 1, WR_PORTS = 1;
    parameter RD_CLK_ENABLE = 0, RD_CLK_POLARITY = 0, RD_TRANSPARENCY_MASK = 0, RD_COLLISION_X_MASK = 0;
    parameter RD_WIDE_CONTINUATION = 0, RD_CE_OVER_SRST = 0, RD_ARST_VALUE = 0, RD_SRST_VALUE = 0, RD_INIT_VALUE = 0;
    parameter WR_CLK_ENABLE = 0, WR_CLK_POLARITY = 0, WR_PRIORITY_MASK = 0, WR_WIDE_CONTINUATION = 0;
    input [RD_PORTS-1:0] RD_CLK, RD_EN, RD_ARST, RD_SRST;
    input [RD_PORTS*ABITS-1:0] RD_ADDR;
    output [RD_PORTS*WIDTH-1:0] RD_DATA;
    input [WR_PORTS-1:0] WR_CLK;
    input [WR_PORTS*WIDTH-1:0] WR_EN, WR_DATA;
    input [WR_PORTS*ABITS-1:0] WR_ADDR;

    (* keep *)
    clocked_box #(.INPUTS(WR_PORTS*(2*WIDTH+ABITS))) write (.in({WR_EN, WR_DATA, WR_ADDR}), .out());

    genvar i;
    generate for (i = 0; i < RD_PORTS; i = i + 1)
        if (RD_CLK_ENABLE[i])
            (* keep *)
            clocked_box #(.INPUTS(ABITS+2), .OUTPUTS(WIDTH)) read (
                .in({RD_EN[i], RD_SRST[i], RD_ADDR[i*ABITS +: ABITS]}), .out(RD_DATA[i*WIDTH +: WIDTH]));
        else
            read_box #(.ADDRESS(ABITS), .DATA(WIDTH)) read (
                .address(RD_ADDR[i*ABITS +: ABITS]), .data(RD_DATA[i*WIDTH +: WIDTH]));
    endgenerate
endmodule
