"""The page that explains the engine shows the numbers the engine uses."""

from collections.abc import Mapping
from pathlib import Path

from custom_components.rhythmiq.engine import MOODS, prior

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text()


def shown(push: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {size:+g}" for name, size in push.items())


def test_every_effect_is_shown_with_its_source() -> None:
    rows = [line for line in PAGE.splitlines() if line.split("`")[1:2] and line.startswith("| `")]
    effects = [
        f"| `{effect.variable}` | {effect.name} | {shown(effect.push)} | {effect.source} |"
        for effect in prior.EFFECTS
    ]
    moods = [
        f"| `{name}` | {mood.valence:+g} | {mood.arousal:+g} | {shown(mood.besides)} "
        f"| {mood.source} |"
        for name, mood in MOODS.items()
    ]
    assert rows == effects + moods


def test_the_base_is_shown() -> None:
    assert f"Slopes: {shown(prior.BASE.slopes)}." in PAGE
    curvatures = ", ".join(f"{name} {size:g}" for name, size in prior.BASE.curvatures.items())
    assert f"Curvatures: {curvatures}." in PAGE
