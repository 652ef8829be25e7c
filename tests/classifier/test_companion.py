"""The companion: what is learnt is what is served, and damage is told."""

from pathlib import Path

import numpy as np
import pytest

from classifier.companion import Companion
from classifier.errors import ModelError
from classifier.ngrams import BUCKETS
from config.codebook import STANCES

LINES = {
    "supportive": "i stand with her and believe every word number",
    "skeptical": "let the court decide where is the proof number",
    "hostile": "liars all of them only want fame number",
    "none": "match today starts at five in the evening number",
}


def test_it_learns_and_is_the_same_after_saving(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="fitting needs the extra `train`")
    from classifier.companion_training import fit_companion
    from classifier.dataset import Example

    examples = [
        Example(key=f"{stance}-{n}", text=f"{text} {n}", stance=stance)
        for stance, text in LINES.items()
        for n in range(12)
    ]
    companion = fit_companion(examples)
    texts = list(LINES.values())
    predicted = companion.predict(texts)
    assert [STANCES[i] for i in predicted.argmax(axis=1)] == list(LINES)
    np.testing.assert_allclose(predicted.sum(axis=1), 1, atol=1e-5)
    companion.save(tmp_path / "companion.npz")
    again = Companion.load(tmp_path / "companion.npz").predict(texts)
    np.testing.assert_allclose(again, predicted, atol=2e-3)
    assert Companion.load(tmp_path / "companion.npz").predict([]).shape == (0, 4)
    assert np.isfinite(companion.predict([""])).all()


@pytest.mark.parametrize("chosen", [set(STANCES), {"hostile"}])
def test_posts_that_were_chosen_teach_no_companion(chosen: set[str]) -> None:
    """As those of `awaaz annotations export` are where no probability of the draw is known."""
    pytest.importorskip("sklearn", reason="fitting needs the extra `train`")
    from classifier.companion_training import choose_weight, fit_drawn
    from classifier.dataset import Example

    examples = [Example(s, line, s, chosen=s in chosen) for s, line in LINES.items()]
    assert fit_drawn(examples) is None
    frame = np.full((4, 16), 1 / 16, np.float32)
    assert choose_weight(frame, np.ones((4, 4), np.float32), examples, 0.3)[0] == 0


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "companion.npz"
    path.write_bytes(b"PK not an archive")
    with pytest.raises(ModelError, match="damaged"):
        Companion.load(path)
    small = np.zeros(3, np.float16)
    np.savez_compressed(path, idf=small, weights=small[None], bias=small)
    whole = path.read_bytes()
    for damaged in (b"", whole[: len(whole) // 2], whole.replace(whole[60:80], b"\xff" * 20)):
        path.write_bytes(damaged)
        with pytest.raises(ModelError, match="damaged"):
            Companion.load(path)
    np.savez(path, idf=small, weights=small[None], bias=small)
    with pytest.raises(ModelError, match="another version"):
        Companion.load(path)
    assert BUCKETS > 3
