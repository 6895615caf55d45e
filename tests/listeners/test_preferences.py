"""What listeners say they like."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.rhythmiq.engine import Catalog, EngineError, Preference
from custom_components.rhythmiq.listeners.errors import ListenerError
from custom_components.rhythmiq.listeners.preferences import (
    KeptPreference,
    Observed,
    Origin,
    Preferences,
)
from custom_components.rhythmiq.store import Store

ADA, BEN = "01ADA", "01BEN"


@pytest.fixture
def preferences(store: Store, tracks: Catalog) -> Preferences:
    return Preferences(store, lambda: tracks)


def values(kept: list[KeptPreference]) -> list[str]:
    return [each.value for each in kept]


def refusal(caught: pytest.ExceptionInfo[EngineError | ListenerError]) -> str:
    return caught.value.key


def tempos(preferences: Preferences, *ranges: str) -> list[KeptPreference]:
    return [preferences.create(ADA, "tempo", each) for each in ranges]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("genre", " JAZZ", "jazz"),
        ("genre", "Hard Rock", "hard-rock"),
        ("artist", "norah jones", "Norah Jones"),
        ("artist", "RAY CHARLES", "Ray Charles"),
        ("artist", "earth, wind & fire", "Earth, Wind & Fire"),
        ("artist", "BEYONCÉ", "Beyoncé"),
        ("instrument", "Electric Guitar", "electric guitar"),
        ("tempo", "80-120", "80-120"),
        ("tempo", " 80.5 \N{EN DASH} 120 ", "80.5-120"),
        ("tempo", "100", "100-100"),
    ],
)
def test_it_is_written_as_the_catalog_does(
    preferences: Preferences, kind: str, value: str, kept: str
) -> None:
    made = preferences.create(ADA, kind, value)
    assert (made.kind, made.value) == (kind, kept)
    assert preferences.of(ADA) == [made]
    assert preferences.of(BEN) == []
    assert isinstance(made.for_engine(), Preference)


@pytest.mark.parametrize(
    ("kind", "value", "error", "hint"),
    [
        ("colour", "red", "unknown_preference", "genre, artist, tempo, instrument"),
        ("genre", "jaz", "unknown_genre", "jazz"),
        ("genre", "polka", "unknown_genre", "-"),
        ("artist", "Nora Jones", "unknown_artist", "Norah Jones"),
        ("instrument", "pianno", "unknown_instrument", "piano"),
        ("tempo", "fast", "tempo_range_invalid", ""),
        ("tempo", "120-80", "tempo_range_invalid", ""),
        ("tempo", "nan", "tempo_range_invalid", ""),
        ("tempo", "1000", "tempo_range_invalid", ""),
        ("genre", " ", "preference_without_name", ""),
    ],
)
def test_what_nobody_knows_is_refused_with_what_is_close(
    preferences: Preferences, kind: str, value: str, error: str, hint: str
) -> None:
    with pytest.raises(EngineError) as caught:
        preferences.create(ADA, kind, value)
    assert refusal(caught) == error
    assert hint in str(caught.value.placeholders.values()) or hint in str(
        list(caught.value.placeholders.values())
    )
    assert preferences.of(ADA) == []


def test_the_weight_falls_with_the_rank_unless_it_is_given(preferences: Preferences) -> None:
    preferences.create(ADA, "genre", "jazz")
    preferences.create(ADA, "genre", "pop")
    preferences.create(ADA, "artist", "AC/DC", weight=-0.5)
    preferences.create(ADA, "genre", "funk", rank=0)
    kept = preferences.of(ADA)
    assert values(kept) == ["funk", "jazz", "pop", "AC/DC"]
    assert [each.rank for each in kept] == [0, 1, 2, 3]
    assert [each.weight for each in kept] == [1, 0.75, 0.5, -0.5]
    assert [each.explicit for each in kept] == [False, False, False, True]


@pytest.mark.parametrize("weight", [1.01, -2.0, float("nan"), float("inf")])
def test_weights_out_of_range(preferences: Preferences, weight: float) -> None:
    made = preferences.create(ADA, "genre", "jazz")
    calls: list[Callable[[], object]] = [
        lambda: preferences.create(ADA, "genre", "pop", weight=weight),
        lambda: preferences.update(ADA, made.id, weight=weight),
    ]
    for call in calls:
        with pytest.raises(EngineError) as caught:
            call()
        assert refusal(caught) == "preference_out_of_range"
    assert preferences.of(ADA) == [made]


def test_a_weight_can_be_given_back_to_the_rank(preferences: Preferences) -> None:
    made = preferences.create(ADA, "genre", "jazz", weight=0.1)
    assert preferences.update(ADA, made.id, weight=0.2).weight == 0.2
    again = preferences.update(ADA, made.id, weight="default")
    assert (again.weight, again.explicit) == (1, False)


def test_the_101st_is_refused(preferences: Preferences) -> None:
    tempos(preferences, *(str(bpm) for bpm in range(60, 160)))
    before = preferences.of(ADA)
    assert len(before) == 100
    with pytest.raises(EngineError) as caught:
        preferences.create(ADA, "genre", "jazz")
    assert refusal(caught) == "too_many_preferences"
    assert preferences.of(ADA) == before
    preferences.create(BEN, "genre", "jazz")


def test_the_same_twice_is_refused(preferences: Preferences) -> None:
    jazz = preferences.create(ADA, "genre", "jazz")
    pop = preferences.create(ADA, "genre", "pop")
    calls: list[Callable[[], object]] = [
        lambda: preferences.create(ADA, "genre", "Jazz"),
        lambda: preferences.update(ADA, pop.id, value="jazz"),
    ]
    for call in calls:
        with pytest.raises(ListenerError) as caught:
            call()
        assert refusal(caught) == "preference_exists"
    assert preferences.of(ADA) == [*preferences.of(ADA)]
    assert preferences.update(ADA, jazz.id, value="JAZZ").value == "jazz"


def test_the_kind_never_changes(preferences: Preferences) -> None:
    made = preferences.create(ADA, "genre", "jazz")
    with pytest.raises(ListenerError) as caught:
        preferences.update(ADA, made.id, kind="artist", value="AC/DC")
    assert refusal(caught) == "preference_kind_fixed"
    assert preferences.update(ADA, made.id, kind="genre", value="pop").value == "pop"


@pytest.mark.parametrize("rank", [-1, 3])
def test_ranks_out_of_range(preferences: Preferences, rank: int) -> None:
    first, *_ = tempos(preferences, "60", "70", "80")
    before = preferences.of(ADA)
    with pytest.raises(ListenerError) as caught:
        preferences.update(ADA, first.id, rank=rank)
    assert refusal(caught) == "preference_rank_out_of_range"
    assert preferences.of(ADA) == before


def test_moving_one_moves_the_others(preferences: Preferences) -> None:
    first, *_ = tempos(preferences, "60", "70", "80")
    preferences.update(ADA, first.id, rank=2)
    assert values(preferences.of(ADA)) == ["70-70", "80-80", "60-60"]
    preferences.update(ADA, first.id, rank=1)
    assert values(preferences.of(ADA)) == ["70-70", "60-60", "80-80"]


def test_reordering_names_each_once(preferences: Preferences) -> None:
    first, second, third = (each.id for each in tempos(preferences, "60", "70", "80"))
    ordered = preferences.reorder(ADA, [third, first, second])
    assert values(ordered) == ["80-80", "60-60", "70-70"]
    for wrong in ([third, third, first], [first], [first, second, third, "other"], []):
        with pytest.raises(ListenerError) as caught:
            preferences.reorder(ADA, wrong)
        assert refusal(caught) == "preference_order_invalid"
    assert preferences.of(ADA) == ordered


def test_deleting_closes_the_gap(preferences: Preferences) -> None:
    _, second, _ = tempos(preferences, "60", "70", "80")
    assert preferences.delete(ADA, second.id).value == "70-70"
    assert [(each.value, each.rank) for each in preferences.of(ADA)] == [("60-60", 0), ("80-80", 1)]
    preferences.create(BEN, "genre", "jazz")
    (other,) = preferences.of(BEN)
    calls: list[Callable[[], object]] = [
        lambda: preferences.delete(ADA, second.id),
        lambda: preferences.update(ADA, second.id, rank=0),
        lambda: preferences.delete(ADA, other.id),
        lambda: preferences.update(ADA, other.id, rank=0),
    ]
    for call in calls:
        with pytest.raises(ListenerError) as caught:
            call()
        assert refusal(caught) == "unknown_preference_id"


SEEN = Observed("genre", "funk", finished=14, heard=15, weight=0.8)


def test_what_was_learned_comes_after_what_was_said(preferences: Preferences) -> None:
    preferences.learn(ADA, [SEEN])
    preferences.create(ADA, "genre", "jazz")
    said, learned = preferences.of(ADA)
    assert (said.origin, learned.origin) == (Origin.SET, Origin.LEARNED)
    assert (learned.finished, learned.heard, learned.weight) == (14, 15, 0.8)
    preferences.learn(ADA, [])
    assert preferences.of(ADA) == [said]


def test_saying_what_was_learned_makes_it_said(preferences: Preferences) -> None:
    preferences.learn(ADA, [SEEN])
    made = preferences.create(ADA, "genre", "funk")
    assert preferences.of(ADA) == [made]
    assert made.origin is Origin.SET
    preferences.learn(ADA, [SEEN])
    assert preferences.of(ADA) == [made]


def test_editing_what_was_learned_makes_it_said(preferences: Preferences) -> None:
    preferences.learn(ADA, [SEEN])
    (learned,) = preferences.of(ADA)
    edited = preferences.update(ADA, learned.id, weight=1.0)
    assert (edited.origin, edited.weight, edited.heard) == (Origin.SET, 1, None)
    preferences.learn(ADA, [SEEN])
    assert preferences.of(ADA) == [edited]


def test_turning_one_into_what_was_learned_takes_its_place(preferences: Preferences) -> None:
    preferences.learn(ADA, [SEEN])
    made = preferences.create(ADA, "genre", "jazz")
    preferences.update(ADA, made.id, value="funk")
    assert [(each.value, each.origin) for each in preferences.of(ADA)] == [("funk", Origin.SET)]


def test_what_was_dismissed_is_not_learned_again_but_can_be_said(preferences: Preferences) -> None:
    preferences.learn(ADA, [SEEN])
    (learned,) = preferences.of(ADA)
    assert preferences.delete(ADA, learned.id) == learned
    assert preferences.of(ADA) == []
    preferences.learn(ADA, [SEEN])
    assert preferences.of(ADA) == []
    assert preferences.create(ADA, "genre", "funk").origin is Origin.SET


def test_what_was_learned_fills_up_to_the_limit(preferences: Preferences) -> None:
    made = tempos(preferences, *(str(bpm) for bpm in range(60, 159)))
    preferences.learn(ADA, [SEEN, Observed("genre", "jazz", 9, 10, 0.7)])
    kept = preferences.of(ADA)
    assert len(kept) == 100
    assert kept[-1].value == "funk"
    preferences.create(ADA, "artist", "AC/DC")
    with pytest.raises(EngineError) as caught:
        preferences.update(ADA, kept[-1].id, weight=1.0)
    assert refusal(caught) == "too_many_preferences"
    assert len(made) == 99


def test_two_people_at_once(preferences: Preferences) -> None:
    tempos(preferences, "60")
    with ThreadPoolExecutor(4) as pool:
        made = list(
            pool.map(lambda bpm: preferences.create(ADA, "tempo", str(bpm), rank=0), range(70, 90))
        )
    kept = preferences.of(ADA)
    assert [each.rank for each in kept] == list(range(21))
    assert {each.id for each in made} < {each.id for each in kept}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(st.tuples(st.sampled_from("cudr"), st.integers(0, 6), st.integers(0, 6))))
def test_whatever_is_done_ranks_have_no_gap(
    preferences: Preferences, steps: list[tuple[str, int, int]]
) -> None:
    for each in preferences.of(ADA):
        preferences.delete(ADA, each.id)
    names: list[str] = []
    for what, one, two in steps:
        kept = preferences.of(ADA)
        if what == "c":
            if (name := f"{60 + one}-{60 + one}") not in names:
                preferences.create(ADA, "tempo", name, rank=min(two, len(kept)))
                names.insert(min(two, len(kept)), name)
        elif kept and what == "u":
            place, to = one % len(kept), two % len(kept)
            preferences.update(ADA, kept[place].id, rank=to)
            names.insert(to, names.pop(place))
        elif kept and what == "d":
            preferences.delete(ADA, kept[one % len(kept)].id)
            names.pop(one % len(kept))
        elif what == "r":
            preferences.reorder(ADA, [each.id for each in reversed(kept)])
            names.reverse()
        after = preferences.of(ADA)
        assert values(after) == names
        assert [each.rank for each in after] == list(range(len(names)))
