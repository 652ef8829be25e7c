"""Vector scaling of stance probabilities."""

import numpy as np
import numpy.typing as npt
import pytest

from classifier.calibration import Calibration, fit_calibration, script_of, stance_sums
from classifier.evaluation import calibration_error

RNG = np.random.default_rng()


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Give each test the same chance, in whatever order and process it runs."""
    RNG.bit_generator.state = np.random.default_rng(13).bit_generator.state


def draw(count: int, sharpness: float) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Frame probabilities that are `sharpness` times too sure of themselves, and the truth."""
    logits = RNG.normal(size=(count, 16)) * 2
    odds = np.exp(logits)
    honest = stance_sums((odds / odds.sum(axis=1, keepdims=True)).astype(np.float32))
    truth = np.array([RNG.choice(4, p=row / row.sum()) for row in honest.astype(float)])
    loud = np.exp(logits * sharpness)
    return (loud / loud.sum(axis=1, keepdims=True)).astype(np.float32), truth


def test_overconfidence_is_taken_back() -> None:
    frame, truth = draw(4000, 3.0)
    fitted = fit_calibration(frame, truth)
    before = calibration_error(truth.tolist(), stance_sums(frame))
    after = calibration_error(truth.tolist(), stance_sums(fitted.apply(frame)))
    assert fitted.scale < 0.7
    assert before > 0.1
    assert after < 0.04


def test_rows_still_sum_to_one_and_frames_keep_their_order() -> None:
    frame, _ = draw(50, 1.0)
    scaled = Calibration(0.5, (0.3, -0.2, 0.0, 0.1)).apply(frame)
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-5)
    for members in (slice(0, 5), slice(5, 10), slice(10, 15)):
        assert (scaled[:, members].argmax(axis=1) == frame[:, members].argmax(axis=1)).all()


def test_no_rows_stay_no_rows() -> None:
    assert Calibration().apply(np.zeros((0, 16), dtype=np.float32)).shape == (0, 16)


def test_certain_rows_stay_finite() -> None:
    frame = np.eye(16, dtype=np.float32)
    assert np.isfinite(Calibration(0.3, (1.0, -1.0, 0.5, 0.0)).apply(frame)).all()


def test_it_is_written_and_read_back() -> None:
    calibration = Calibration(0.8, (0.1, 0.2, -0.3, 0.0))
    assert Calibration.from_dict(calibration.to_dict()) == calibration


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("plain words", "latin"),
        ("", "latin"),
        ("यह सच है #MeToo", "hi"),
        ("یہ سچ ہے", "ur"),
        ("mostly Latin words with one सच", "latin"),
    ],
)
def test_the_script_of_a_post(text: str, script: str) -> None:
    assert script_of(text) == script
