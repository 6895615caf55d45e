"""The two ways an import says no: to a whole file, and to one row."""


class ImportRefusedError(Exception):
    """The file is refused and nothing was changed; `key` is a translation key."""

    def __init__(self, key: str, **placeholders: str | int) -> None:
        self.key = key
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        super().__init__(f"{key}: {self.placeholders}")


class RowRefusedError(Exception):
    """One row is left out; the message is the reason, a short English sentence."""
