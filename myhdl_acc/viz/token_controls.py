"""The controls of a TokenChoice, for panels that decode a text on the simulated accelerator."""

import ipywidgets as widgets

from myhdl_acc.driver.simulation_device import MEMORIES
from myhdl_acc.rtl.config import PRESETS
from myhdl_acc.viz.token_runs import PARTS, TokenChoice


def token_controls(choice):
    """{field of TokenChoice: a control that begins with that of ``choice``}."""
    return {
        "model": widgets.Text(value=choice.model, description="model", continuous_update=False),
        "preset": widgets.Dropdown(options=list(PRESETS), value=choice.preset, description="preset"),
        "prompt": widgets.Text(value=choice.prompt, description="prompt"),
        "count": widgets.BoundedIntText(value=choice.count, min=1, max=512, description="tokens"),
        "sinks": widgets.BoundedIntText(value=choice.sinks, min=0, max=512, description="sinks"),
        "window": widgets.BoundedIntText(value=choice.window, min=1, max=4096, description="window"),
        "memory": widgets.Dropdown(options=MEMORIES, value=choice.memory, description="memory"),
        "part": widgets.Dropdown(options=PARTS, value=choice.part, description="show"),
    }


def token_choice(controls):
    """The TokenChoice of token_controls(), or of some of them."""
    return TokenChoice(**{name: control.value for name, control in controls.items()})
