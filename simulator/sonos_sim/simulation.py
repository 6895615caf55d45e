"""The running household: speakers, control endpoint and discovery, started and stopped together."""

import contextlib
from typing import Self

from .control import Control
from .household import Household
from .network import Network
from .options import CommandLine
from .scenes import play_demo
from .ssdp import Ssdp


class Simulation(contextlib.AsyncExitStack):
    """Everything the command line asks for, open while the context is.

    Entering raises OSError where an address is taken; leaving closes what was opened.
    """

    def __init__(self, given: CommandLine) -> None:
        super().__init__()
        self._given = given
        self.household = Household(given.options)
        self.discovery = "off"

    async def start(self) -> Self:
        """Open every server."""
        network = Network(self.household)
        self.push_async_callback(network.stop)
        await network.start()
        control = Control(network)
        self.push_async_callback(control.stop)
        await control.start(self._given.control_host, self._given.control_port)
        if self._given.ssdp:
            ssdp = Ssdp(self.household)
            self.callback(ssdp.stop)
            self.discovery = await ssdp.start()
            network.ssdp = ssdp
        if self._given.demo:
            play_demo(network)
        return self
