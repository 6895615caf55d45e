from hypothesis import given, strategies as st

from custom_components.rhythmiq.engine.selection import (
    REPEAT_COST,
    Budget,
    Candidate,
    Pick,
    select,
)

candidates = st.lists(
    st.tuples(
        st.integers(-30, 30).map(lambda score: score / 10),
        st.sampled_from(["a", "b", "c", ""]),
        st.integers(0, 9),
        st.floats(30, 600),
    ),
    max_size=30,
).map(
    lambda drawn: [
        Candidate(place, f"uri:{place:02d}", score, artist, (f"song {song}", artist), seconds)
        for place, (score, artist, song, seconds) in enumerate(drawn)
    ]
)


def naive(tracks: list[Candidate], count: int) -> list[Pick]:
    """Choose by recomputing every cost at every step."""
    left = list(tracks)
    picks: list[Pick] = []
    chosen: list[Candidate] = []
    while left and len(picks) < count:

        def cost(track: Candidate) -> float:
            same = [other for other in chosen if other.artist == track.artist]
            return REPEAT_COST * len(same) if track.artist else 0.0

        best = min(left, key=lambda track: (cost(track) - track.score, track.uri))
        left.remove(best)
        if best.recording not in {other.recording for other in chosen}:
            picks.append(Pick(best.index, best.score, -cost(best)))
            chosen.append(best)
    return picks


@given(candidates, st.integers(1, 30))
def test_choice_equals_recomputing_everything(tracks: list[Candidate], count: int) -> None:
    assert select(tracks, Budget(count)) == naive(tracks, count)


@given(candidates.flatmap(lambda tracks: st.tuples(st.just(tracks), st.permutations(tracks))))
def test_the_order_of_candidates_does_not_matter(
    both: tuple[list[Candidate], list[Candidate]],
) -> None:
    tracks, shuffled = both
    assert select(shuffled, Budget(5)) == select(tracks, Budget(5))


@given(candidates, st.floats(60, 3600))
def test_a_duration_is_met_within_half_a_track_or_everything_that_fits_was_used(
    tracks: list[Candidate], wanted: float
) -> None:
    ordinary = 200.0
    picks = select(tracks, Budget(None, wanted, ordinary))
    chosen = {pick.index for pick in picks}
    total = sum(track.seconds for track in tracks if track.index in chosen)
    assert total <= wanted + ordinary / 2 + 1e-6
    if total < wanted - ordinary / 2 - 1e-6 or not picks:
        used = {track.recording for track in tracks if track.index in chosen}
        for track in tracks:
            if track.recording not in used:
                assert total + track.seconds > wanted + ordinary / 2 - 1e-6


def test_recordings_to_leave_out_are_left_out() -> None:
    track = Candidate(0, "uri", 1.0, "a", ("song", "a"), 200)
    assert select([track], Budget(1), leave_out=[("song", "a")]) == []
