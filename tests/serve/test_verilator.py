"""The RTL of the whole accelerator behind the server."""

from myhdl_acc.driver.simulation_device import SimulationDevice

PROMPT = [3, 1, 4]


def test_cycles_are_counted(serve):
    """A prompt of three tokens takes two passes; going on with the cache takes one."""
    with serve(device=SimulationDevice) as served, served.device, served.client() as client:
        text, tokens = served.expected(PROMPT, 3)
        found = client.completions.create(model="tiny", prompt=PROMPT, max_tokens=3)
        usage = found.usage
        assert found.choices[0].text == text
        assert usage.prompt_cycles > usage.completion_cycles / 2 > 100
        longer = [*PROMPT, *tokens]
        on = client.completions.create(model="tiny", prompt=longer, max_tokens=1)
        assert on.choices[0].text == served.expected(longer, 1)[0]
        assert on.usage.prompt_tokens_details.cached_tokens == 5 and on.usage.completion_cycles == 0
        assert 100 < on.usage.prompt_cycles < usage.prompt_cycles
