"""What the engine refuses, and why."""


class EngineError(ValueError):
    """A request or a catalog the engine refuses.

    `key` is stable and serves as the translation key; `placeholders` fill the translated sentence.
    """

    key: str
    placeholders: dict[str, str]

    def __init__(self, key: str, /, **placeholders: object) -> None:
        """Name the refusal by `key`; the placeholders are turned into text."""
        self.key = key
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        details = ", ".join(f"{name}={value!r}" for name, value in self.placeholders.items())
        super().__init__(f"{key} ({details})" if details else key)
