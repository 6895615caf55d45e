"""What a listener was seen to like."""

from hypothesis import given, strategies as st

from custom_components.rhythmiq.listeners.liking import MOST, Tally, likings

JAZZ, POP, FUNK = ("genre", "jazz"), ("genre", "pop"), ("artist", "Funkadelic")


def test_what_is_finished_more_often_than_the_rest_is_liked() -> None:
    usual = Tally(heard=100, finished=50)
    (jazz,) = likings({JAZZ: Tally(15, 14), POP: Tally(40, 20)}, usual)
    assert (jazz.kind, jazz.value, jazz.finished, jazz.heard) == ("genre", "jazz", 14, 15)
    assert 0.5 < jazz.weight < 1


def test_what_is_finished_less_often_is_disliked() -> None:
    (pop,) = likings({POP: Tally(20, 1)}, Tally(100, 60))
    assert -1 < pop.weight < -0.5


def test_the_surest_comes_first() -> None:
    found = likings({FUNK: Tally(8, 8), JAZZ: Tally(80, 78)}, Tally(200, 100))
    assert [each.value for each in found] == ["jazz", "Funkadelic"]


def test_little_is_nothing() -> None:
    assert likings({JAZZ: Tally(4, 4)}, Tally(100, 10)) == []
    assert likings({JAZZ: Tally(4, 4)}, Tally(4, 4)) == []
    assert likings({}, Tally(0, 0)) == []


def test_who_finishes_everything_likes_nothing_in_particular() -> None:
    assert likings({JAZZ: Tally(50, 50), POP: Tally(50, 50)}, Tally(100, 100)) == []


def test_only_so_many_are_learned() -> None:
    many = {("genre", f"g{number}"): Tally(30, 30) for number in range(50)}
    assert len(likings(many, Tally(3000, 1500))) == MOST


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["genre", "artist"]), st.text(max_size=3)),
        st.tuples(st.integers(0, 500), st.floats(0, 1)).map(
            lambda pair: Tally(pair[0], round(pair[0] * pair[1]))
        ),
        max_size=30,
    )
)
def test_weights_are_weights(tallies: dict[tuple[str, str], Tally]) -> None:
    usual = sum(tallies.values(), Tally(0, 0))
    for each in likings(tallies, usual):
        assert -1 <= each.weight <= 1
        assert each.heard >= each.finished >= 0
