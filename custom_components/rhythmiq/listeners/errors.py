"""What is refused about listeners."""


class ListenerError(Exception):
    """A wish about a listener that cannot be met; nothing was changed.

    `key` is a translation key under `exceptions`, `placeholders` fill it.
    """

    key: str
    placeholders: dict[str, str]

    def __init__(self, key: str, /, **placeholders: object) -> None:
        """Name the refusal by `key`; the placeholders are turned into text."""
        self.key = key
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        super().__init__(key, self.placeholders)
