"""How loud a room is without the music of its own speaker."""

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.rhythmiq.moment.ambient import LEARNING, STALE, WINDOW, AmbientNoise


def together(*levels: float) -> float:
    """Return the level of several sounds at once, in dB."""
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels))


def listen(ambient: AmbientNoise, begin: float, end: float, level: float) -> None:
    """Hear one level every ten seconds."""
    for at in range(int(begin), int(end), 10):
        ambient.hear(at, level)


def test_nothing_is_known_of_silence() -> None:
    assert AmbientNoise().measure(0) is None


def test_a_level_is_what_was_heard() -> None:
    ambient = AmbientNoise()
    ambient.hear(0, 42)
    assert ambient.measure(0) == 42
    assert ambient.measure(60) == pytest.approx(42)


def test_a_bang_is_averaged_as_energy() -> None:
    ambient = AmbientNoise()
    ambient.hear(0, 40)
    ambient.hear(90, 70)
    assert ambient.measure(180) == pytest.approx(together(40, 70) - 10 * math.log10(2))
    ambient.hear(180, 40)
    assert ambient.measure(180 + WINDOW + 90) == pytest.approx(40, abs=0.1)


def test_a_level_that_nobody_measures_goes_stale() -> None:
    ambient = AmbientNoise()
    ambient.hear(0, 42)
    assert ambient.measure(STALE / 2) == pytest.approx(42)
    assert ambient.measure(STALE) == pytest.approx(42)
    assert ambient.measure(2 * STALE) is None


def playing(volume: float = 0.3) -> AmbientNoise:
    """Return a room of 45 dB in which music of 60 dB has played for a while, until 400 s."""
    ambient = AmbientNoise()
    listen(ambient, 0, 200, 45)
    ambient.music(200, volume)
    listen(ambient, 200, 400, together(45, 60))
    return ambient


def test_our_own_music_is_no_noise() -> None:
    assert playing().measure(400) == pytest.approx(45, abs=0.5)


def test_guests_are_heard_over_the_music() -> None:
    ambient = playing()
    listen(ambient, 400, 400 + 2 * int(WINDOW), together(66, 60))
    assert ambient.measure(400 + 2 * WINDOW) == pytest.approx(66, abs=0.5)


def test_what_the_music_drowns_out_is_not_guessed() -> None:
    ambient = playing()
    listen(ambient, 400, 900, together(50, 60))
    assert ambient.measure(900) == pytest.approx(45, abs=0.5)


def test_a_volume_that_was_never_listened_to_tells_nothing() -> None:
    ambient = playing()
    listen(ambient, 400, 1000, together(45, 60))  # held for long: the room is not known any more
    ambient.music(1000, 0.6)
    listen(ambient, 1000, 1000 + 2 * int(LEARNING), 75)
    assert ambient.measure(1000 + 2 * LEARNING) == pytest.approx(45, abs=0.5)


def test_silence_is_measured_at_once_when_the_music_stops() -> None:
    ambient = playing()
    ambient.music(400, None)
    ambient.hear(401, 38)
    assert ambient.measure(401) == pytest.approx(38)


def test_the_same_volume_again_changes_nothing() -> None:
    ambient = playing()
    ambient.music(400, 0.3)
    listen(ambient, 400, 800, together(66, 60))
    assert ambient.measure(800) == pytest.approx(66, abs=0.5)


@given(
    st.lists(
        st.tuples(
            st.floats(0, 600),
            st.one_of(
                st.floats(0, 140).map(lambda level: ("hear", level)),
                st.sampled_from([None, 0.0, 0.2, 0.5, 1.0]).map(lambda volume: ("music", volume)),
            ),
        ),
        max_size=40,
    )
)
def test_whatever_is_heard_the_level_is_one_that_a_room_can_have(
    events: list[tuple[float, tuple[str, float | None]]],
) -> None:
    ambient, now = AmbientNoise(), 0.0
    loudest = -math.inf
    for pause, (kind, value) in events:
        now += pause
        if kind == "music":
            ambient.music(now, value)
        else:
            assert value is not None
            loudest = max(loudest, value)
            ambient.hear(now, value)
        level = ambient.measure(now)
        assert level is None or -1e-9 <= level <= loudest + 1e-9
