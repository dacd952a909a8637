"""axi_read_mux: requests in order of arrival, the second client first; each beat to the client that asked."""

import numpy as np
import pytest
from memory_designs import beats_of, integers, requests_of

from myhdl_acc.hdl.stream import Array
from myhdl_acc.rtl.memory.axi_read_mux import axi_read_mux
from myhdl_acc.rtl.memory.channels import read_channel, request_channel
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.backpressure import KINDS, gap_array


def design(outstanding):
    return Design(
        axi_read_mux, clk=clock(), rst=reset(), sink_ar=Array("ch", [request_channel() for _ in range(2)]),
        source_r=Array("ch", [read_channel(128) for _ in range(2)]), source_ar=request_channel(),
        sink_r=read_channel(128), outstanding=outstanding,
    )  # fmt: skip


def words(requests):
    address = np.array([address for address, _ in requests], "<u8").view(np.uint8).reshape(-1, 8)
    return {"address": address, "length": [length for _, length in requests]}


def client_requests(count, client, seed):
    rng = np.random.default_rng(seed)
    return [(int(address) * 4096 + 16 * client, int(length)) for address, length in rng.integers(0, 6, (count, 2))]


@pytest.mark.parametrize("backend", BACKENDS)
def test_full_speed(backend):
    """Requests of both at once: client 1's go first, each a cycle later, one per cycle; its beats in its cycle."""
    first, second = client_requests(6, 0, 1), client_requests(4, 1, 2)
    order = second + first
    beats = sum(length + 1 for _, length in order)
    data = beats_of(beats, 128, 3)
    last = np.concatenate([[0] * length + [1] for _, length in order])
    with open_simulation(design(16), backend) as simulation:
        run = simulation.run(
            {"sink_ar_ch00": words(first), "sink_ar_ch01": words(second)}, {"source_ar": 10}, record=True
        )
        assert requests_of(run, "source_ar") == order
        assert run.transfers["source_ar"].tolist() == list(range(1, 11))
        share = [sum(length + 1 for _, length in client) for client in (first, second)]
        resp = np.arange(beats) % 4
        run = simulation.run(
            {"sink_r": {"data": data, "resp": resp, "last": last}},
            {"source_r_ch00": share[0], "source_r_ch01": share[1]},
            record=True,
        )
    for name, part in (("source_r_ch01", slice(0, share[1])), ("source_r_ch00", slice(share[1], None))):
        output = run.outputs[name]
        assert (output["data"] == data[part]).all()
        assert output["resp"].tolist() == resp[part].tolist() and output["last"].tolist() == last[part].tolist()
        assert run.transfers[name].tolist() == list(range(beats))[part]


@pytest.mark.parametrize("kind", list(KINDS))
def test_back_pressure(kind):
    """Whatever the order in which the requests went out, the beats find their clients."""
    clients = [client_requests(15, 0, 5), client_requests(15, 1, 6)]
    with open_simulation(design(32)) as simulation:
        gaps = {"sink_ar_ch00": gap_array(kind, 15, 1), "sink_ar_ch01": gap_array(kind, 15, 2)}
        gaps["source_ar"] = gap_array(kind, 30, 3)
        inputs = {f"sink_ar_ch0{client}": words(requests) for client, requests in enumerate(clients)}
        run = simulation.run(inputs, {"source_ar": 30}, gaps=gaps)
        order = requests_of(run, "source_ar")
        assert [[request for request in order if request[0] // 16 % 2 == client] for client in (0, 1)] == clients
        owners = np.concatenate([[address // 16 % 2] * (length + 1) for address, length in order])
        last = np.concatenate([[0] * length + [1] for _, length in order])
        data = beats_of(len(owners), 128, 4)
        counts = {f"source_r_ch0{client}": int((owners == client).sum()) for client in (0, 1)}
        gaps = {name: gap_array(kind, count, 7) for name, count in {**counts, "sink_r": len(owners)}.items()}
        run = simulation.run({"sink_r": {"data": data, "resp": 0 * owners, "last": last}}, counts, gaps=gaps)
    for client in (0, 1):
        output = run.outputs[f"source_r_ch0{client}"]
        assert (output["data"] == data[owners == client]).all()
        assert output["last"].tolist() == last[owners == client].tolist()


def test_no_more_under_way_than_there_are_places():
    requests = client_requests(5, 0, 1)
    with open_simulation(design(3)) as simulation:
        simulation.run({"sink_ar_ch00": words(requests[:3])}, {"source_ar": 3})
        beats = requests[0][1] + 1
        data = {"data": beats_of(beats, 128, 1), "resp": [0] * beats, "last": [0] * (beats - 1) + [1]}
        run = simulation.run(
            {"sink_ar_ch00": words(requests[3:4]), "sink_r": data},
            {"source_ar": 1, "source_r_ch00": beats},
            gaps={"sink_r": [40] + [0] * (beats - 1)},
            record=True,
        )
    assert run.transfers["source_ar"].tolist() == [40 + beats + 1]
    assert integers(run.outputs["source_ar"]["address"]) == [requests[3][0]]
