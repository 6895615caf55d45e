"""The speakers one can put into the household."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firmware:
    """One generation of Sonos software; S1 and S2 players never share a household."""

    generation: int
    version: str
    display_version: str
    min_compatible: str
    legacy_compatible: str
    api_version: str
    # Actions that came later
    lacks: frozenset[str] = frozenset()

    @property
    def update_item(self) -> str:
        """The answer to whether there is anything newer: no."""
        return (
            '<UpdateItem xmlns="urn:schemas-rinconnetworks-com:update-1-0" Type="Software"'
            f' Version="{self.version}" UpdateURL="" DownloadSize="0" ManifestURL=""/>'
        )


S2 = Firmware(2, "95.0-77060", "18.3", "94.0-00000", "58.0-00000", "1.50.0")
# The last S1 line; 57 is the software both generations once shared
S1 = Firmware(
    1,
    "57.22-61162",
    "11.15",
    "56.0-00000",
    "36.0-00000",
    "1.18.9",
    frozenset({"GetHeadphoneConnected"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One kind of speaker as it describes itself."""

    name: str
    display: str
    number: str
    hardware: str
    zone_type: int
    line_in: bool = False
    soundbar: bool = False
    battery: bool = False
    # Players without a microphone's hardware cannot mix a clip over the music
    audio_clip: bool = True
    firmware: Firmware = S2


MODELS = {
    "one": Model(
        name="Sonos One", display="One", number="S18", hardware="1.26.1.7-1.2", zone_type=20
    ),
    "era100": Model(
        name="Sonos Era 100", display="Era 100", number="S39", hardware="1.40.3.8-1.1", zone_type=41
    ),
    "five": Model(
        name="Sonos Five",
        display="Five",
        number="S24",
        hardware="1.31.1.10-1.2",
        zone_type=24,
        line_in=True,
    ),
    "arc": Model(
        name="Sonos Arc",
        display="Arc",
        number="S19",
        hardware="1.32.1.10-1.2",
        zone_type=30,
        soundbar=True,
    ),
    "move2": Model(
        name="Sonos Move 2",
        display="Move 2",
        number="S44",
        hardware="1.45.1.8-1.1",
        zone_type=45,
        battery=True,
    ),
    "sub": Model(
        name="Sonos Sub",
        display="Sub",
        number="S36",
        hardware="1.36.1.6-1.2",
        zone_type=36,
        audio_clip=False,
    ),
    "play1": Model(
        name="Sonos Play:1",
        display="Play:1",
        number="S12",
        hardware="1.20.1.6-2.2",
        zone_type=14,
        audio_clip=False,
    ),
    "one-s1": Model(
        name="Sonos One",
        display="One",
        number="S13",
        hardware="1.20.1.6-1.2",
        zone_type=16,
        audio_clip=False,
        firmware=S1,
    ),
}
DEFAULT_MODELS = ("one", "era100", "five", "arc", "move2")
DEFAULT_NAMES = (
    "Living Room",
    "Kitchen",
    "Office",
    "TV Room",
    "Garden & Patio",
    "Bedroom",
    "Bath",
    "Hall",
    "Attic",
    "Cellar",
)
