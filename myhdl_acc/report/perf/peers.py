"""Published figures that ours stand beside, each with its source and what kind of figure it is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """``tokens_per_s`` at decode; ``share`` of peak memory bandwidth; ``kind``: how its authors came by the figure."""

    name: str
    device: str
    model: str
    tokens_per_s: str
    share: str
    kind: str
    source: str


PEERS = (
    Peer("AccLLM", "U280", "Llama-2-7B W2A8KV4 2:4", "164", "58-73 % (derived)", "cycle simulator", "arXiv 2505.03745"),
    Peer("FlightLLM", "U280", "Llama-2-7B, about 3.5 bits", "55-57", "65.9 %", "on the card", "arXiv 2401.03868"),
    Peer("FlexLLM", "U280", "Llama-3.2-1B W4A4", "144", "19 % (derived)", "on the card", "arXiv 2601.15710"),
    Peer("EdgeLLM", "VCU128", "GLM-6B W4", "75-90", "61 %", "on the card", "arXiv 2407.21325"),
)
