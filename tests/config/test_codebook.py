"""The codebook: fixed order, every frame of one stance, and no sentence of the essays."""

from config.codebook import FRAMES, STANCES, load_codebook, stance_of_frame


def test_the_order_is_the_one_that_models_and_tables_rely_on() -> None:
    assert STANCES == ("supportive", "skeptical", "hostile", "none")
    assert len(FRAMES) == 16
    assert FRAMES[-1] == "none"
    assert [stance_of_frame(frame) for frame in FRAMES] == [
        *["supportive"] * 5,
        *["skeptical"] * 5,
        *["hostile"] * 5,
        "none",
    ]


def test_every_stance_and_frame_has_a_meaning_in_one_line() -> None:
    meanings = load_codebook().meanings
    assert set(meanings) == {*STANCES, *FRAMES}
    assert all(0 < len(meaning) < 110 and "\n" not in meaning for meaning in meanings.values())
