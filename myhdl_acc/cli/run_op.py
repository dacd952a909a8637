"""``myhdl-acc run-op``."""

import click

from myhdl_acc.cli.options import backend_option, config_option, json_option, report_json


@click.command("run-op")
@click.argument("source", metavar="IN.npz")
@click.option("-o", "--output", "target", metavar="OUT.npz", required=True, help="Where the result goes.")
@config_option("tiny")
@backend_option("golden")
@json_option
def command(source, target, config, backend, as_json):
    """Compute one engine operation on given integers.

    IN.npz holds `op` = w2, w4, w8, qk or pv, and integers. w2, w4, w8: `w` (N,K) int8, `scale` (N,ceil(K/32)) uint8
    (none for w8) and `x` (R,K) int8. qk: `k` (T,D) in -8..7 and `q` (R,D) int8. pv: `v` (T,D) in -8..7 and `p` (R,T)
    int8. OUT.npz receives `y`, int64, (R,N), (R,T) or (R,D), and `cycles`: clock cycles of the RTL, -1 for the golden
    model, which has no clock.
    """
    from golden.files import require_writable
    from golden.units import engine
    from myhdl_acc.cli.operation_file import read_operation
    from myhdl_acc.trace.npz_file import write_npz

    operation = read_operation(source)
    require_writable(target, inputs=[source])
    if backend == "golden":
        result, cycles = engine.execute(operation), -1
    else:
        from myhdl_acc.driver.rtl_engine import RtlEngine

        with RtlEngine(config, backend) as rtl:
            (result,) = rtl.execute([operation])
            cycles = rtl.cycles
    write_npz(target, y=result, cycles=cycles)
    if as_json:
        fields = {"op": operation.kind, "shape": list(result.shape), "backend": backend, "cycles": int(cycles)}
        report_json(fields | {"output": target})
    else:
        took = "" if cycles < 0 else f", {cycles} cycles"
        click.echo(f"{operation.kind}: {' × '.join(map(str, result.shape))} results in {target} ({backend}{took})")
