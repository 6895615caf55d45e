"""The moment: what Home Assistant knows about a room, as the engine's ``Context``."""
