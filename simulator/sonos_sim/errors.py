"""What a player refuses."""


class SonosError(Exception):
    """A UPnP fault to be sent to the caller."""

    def __init__(self, code: int) -> None:
        super().__init__(f"UPnP error {code}")
        self.code = code
