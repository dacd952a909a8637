// A block RAM of 18 Kbit (Lattice FPGA-TN-02204) without output registers: port A writes and reads, port B reads.
//
// A port of 9 bits has a byte at an address, a narrower one a part of a byte's lower 8 bits. The lowest address bits of
// a write of 18 or 36 bits are its bytes' enables. 36 bits take the data pins of both ports.
// What port B reads of a byte that port A writes at that edge is undefined: the model gives the old bits inverted.
// Both ports have one clock then.
module DP16KD (
    input CLKA, CEA, OCEA, WEA, RSTA, CSA2, CSA1, CSA0,
    input ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2,
        DIA1, DIA0,
    output DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0,
    input CLKB, CEB, OCEB, WEB, RSTB, CSB2, CSB1, CSB0,
    input ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2,
        DIB1, DIB0,
    output DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0
);
    parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18;
    parameter REGMODE_A = "NOREG", REGMODE_B = "NOREG", RESETMODE = "SYNC", ASYNC_RESET_RELEASE = "SYNC";
    parameter CSDECODE_A = "0b000", CSDECODE_B = "0b000", CLKAMUX = "CLKA", CLKBMUX = "CLKB";
    parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL", GSR = "ENABLED";
    parameter [319:0]
        INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0,
        INITVAL_04 = 0, INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0,
        INITVAL_08 = 0, INITVAL_09 = 0, INITVAL_0A = 0, INITVAL_0B = 0,
        INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F = 0,
        INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0,
        INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0,
        INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0,
        INITVAL_1C = 0, INITVAL_1D = 0, INITVAL_1E = 0, INITVAL_1F = 0,
        INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0,
        INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0,
        INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0, INITVAL_2B = 0,
        INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0,
        INITVAL_30 = 0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0,
        INITVAL_34 = 0, INITVAL_35 = 0, INITVAL_36 = 0, INITVAL_37 = 0,
        INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0,
        INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0;

    localparam [36:0] WIDTHS = 37'd1 << 36 | 1 << 18 | 1 << 9 | 1 << 4 | 1 << 2 | 1 << 1;
    if (!(WIDTHS >> DATA_WIDTH_A & 1) || !(WIDTHS >> DATA_WIDTH_B & 1)) DP16KD_width_is_not_simulated refused();
    // Resets are not simulated, so their modes may be any.
    if (REGMODE_A != "NOREG" || REGMODE_B != "NOREG") DP16KD_register_is_not_simulated refused();
    if (CSDECODE_A != "0b000" || CSDECODE_B != "0b000") DP16KD_chip_select_is_not_simulated refused();
    if (CLKAMUX != "CLKA" || CLKBMUX != "CLKB") DP16KD_inverted_clock_is_not_simulated refused();
    if (WRITEMODE_A != "NORMAL" && WRITEMODE_A != "READBEFOREWRITE") DP16KD_write_mode_is_not_simulated refused();
    if (GSR != "DISABLED") DP16KD_global_reset_is_not_simulated refused();
    if (DATA_WIDTH_B == 36 && DATA_WIDTH_A != 36) DP16KD_shared_pins_are_not_simulated refused();

    always @(posedge CLKA) if (RSTA || CSA2 || CSA1 || CSA0) $fatal(1, "DP16KD: reset or chip select of port A");
    always @(posedge CLKB) if (RSTB || CSB2 || CSB1 || CSB0) $fatal(1, "DP16KD: reset or chip select of port B");
    always @(posedge CLKB) if (CEB && WEB) $fatal(1, "DP16KD: a write through port B");

    // A word of 18 bits takes 20 bits of the parameters.
    localparam [20479:0] INITIAL = {
        INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00
    };
    reg [8:0] bytes [0:2047];
    integer n;
    initial
        for (n = 0; n < 1024; n = n + 1) begin
            bytes[2 * n] = INITIAL[20 * n +: 9];
            bytes[2 * n + 1] = INITIAL[20 * n + 9 +: 9];
        end

    localparam COUNT_A = DATA_WIDTH_A == 36 ? 4 : DATA_WIDTH_A == 18 ? 2 : 1;
    localparam COUNT_B = DATA_WIDTH_B == 36 ? 4 : DATA_WIDTH_B == 18 ? 2 : 1;
    localparam [8:0] MASK_A = DATA_WIDTH_A < 9 ? (1 << DATA_WIDTH_A) - 1 : 'h1FF;
    localparam [8:0] MASK_B = DATA_WIDTH_B < 9 ? (1 << DATA_WIDTH_B) - 1 : 'h1FF;
    wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire [10:0] byte_a = address_a[13:3] & ~(COUNT_A - 1);
    wire [10:0] byte_b = address_b[13:3] & ~(COUNT_B - 1);
    wire [2:0] shift_a = DATA_WIDTH_A < 9 ? address_a[2:0] & ~(DATA_WIDTH_A - 1) : 0;
    wire [2:0] shift_b = DATA_WIDTH_B < 9 ? address_b[2:0] & ~(DATA_WIDTH_B - 1) : 0;
    wire [3:0] enables = COUNT_A == 1 ? 1 : COUNT_A == 2 ? address_a[1:0] : address_a[3:0];
    wire [35:0] data = {
        DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1,
            DIB0,
        DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1,
            DIA0
    };

    // The bits of a byte that port A writes at this edge.
    function [8:0] written(input [10:0] place);
        written = CEA && WEA && place - byte_a < COUNT_A && enables[place - byte_a] ? MASK_A << shift_a : 0;
    endfunction

    reg [35:0] read_a = 0, read_b = 0;
    integer i, j;
    always @(posedge CLKA)
        if (CEA)
            for (i = 0; i < COUNT_A; i = i + 1) begin
                if (!WEA || WRITEMODE_A == "READBEFOREWRITE")
                    read_a[9 * i +: 9] <= bytes[byte_a + i] >> shift_a & MASK_A;
                if (WEA)
                    bytes[byte_a + i] <= bytes[byte_a + i] & ~written(byte_a + i)
                        | data[9 * i +: 9] << shift_a & written(byte_a + i);
            end
    always @(posedge CLKB)
        if (CEB)
            for (j = 0; j < COUNT_B; j = j + 1)
                read_b[9 * j +: 9] <= (bytes[byte_b + j] ^ written(byte_b + j)) >> shift_b & MASK_B;

    assign {
        DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1,
            DOA0
    } = DATA_WIDTH_B == 36 ? read_b[17:0] : read_a[17:0];
    assign {
        DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1,
            DOB0
    } = DATA_WIDTH_B == 36 ? read_b[35:18] : read_b[17:0];
endmodule
