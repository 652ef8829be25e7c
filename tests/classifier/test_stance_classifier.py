"""The shipped model through the class that serves it."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.errors import ClassifierError, ModelError
from classifier.model_folder import shipped_model
from classifier.stance_classifier import Predictions, StanceClassifier
from config.codebook import FRAMES, STANCES, stance_of_frame
from tests.models import copy_model

POSTS = [
    "I believe her. Men like him must lose their jobs. #MeToo",
    "These women only want fame, all liars and gold diggers",
    "Let the court decide, there are two sides to every story",
    "The weather in Lahore is lovely today",
    "ye sab jhooti hain, paise ke liye ilzam lagati hain",
    "मैं उन सब औरतों के साथ हूँ जो बोल रही हैं",
    "عدالت کو فیصلہ کرنے دیں، ثبوت کے بغیر الزام نہ لگائیں",
    "",
]


@pytest.fixture(scope="module")
def classifier() -> StanceClassifier:
    return StanceClassifier.load(threads=1)


@pytest.fixture(scope="module")
def predictions(classifier: StanceClassifier) -> Predictions:
    return classifier.predict(POSTS)


def test_rows_are_probabilities(predictions: Predictions) -> None:
    assert predictions.stance.shape == (len(POSTS), 4)
    assert predictions.frame.shape == (len(POSTS), 16)
    assert predictions.stance.dtype == predictions.frame.dtype == np.float32
    for table in (predictions.stance, predictions.frame):
        assert (table >= 0).all()
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-5)


def test_a_stance_is_the_sum_of_its_frames(predictions: Predictions) -> None:
    for column, stance in enumerate(STANCES):
        members = [i for i, frame in enumerate(FRAMES) if stance_of_frame(frame) == stance]
        np.testing.assert_allclose(
            predictions.frame[:, members].sum(axis=1), predictions.stance[:, column], atol=1e-5
        )


def test_the_frame_belongs_to_the_stance(predictions: Predictions) -> None:
    assert [stance_of_frame(f) for f in predictions.frames] == predictions.stances


def test_plain_cases_are_read_right(predictions: Predictions) -> None:
    assert predictions.stances[:4] == ["supportive", "hostile", "skeptical", "none"]


def test_no_texts_give_empty_tables(classifier: StanceClassifier) -> None:
    empty = classifier.predict([])
    assert empty.stance.shape == (0, 4)
    assert empty.frame.shape == (0, 16)
    assert empty.stances == empty.frames == []


def test_order_and_neighbours_hardly_matter(classifier: StanceClassifier) -> None:
    posts = [f"{post} {'and more words ' * k}" for k in range(6) for post in POSTS]
    together = classifier.predict(posts).stance
    backwards = classifier.predict(posts[::-1]).stance[::-1]
    alone = np.vstack([classifier.predict([post]).stance for post in posts])
    np.testing.assert_allclose(together, backwards, atol=1e-5)
    # int8 activations share one scale per batch, which moves probabilities a little
    assert np.abs(together - alone).max() < 0.2
    assert np.abs(together - alone).mean() < 0.03


def test_the_longest_post_is_read_in_part(classifier: StanceClassifier) -> None:
    assert classifier.predict(["mera jism meri marzi " * 5000]).stance.shape == (1, 4)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        StanceClassifier.load(tmp_path / "nowhere")
    assert issubclass(ModelError, ClassifierError)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "settings.json"])
def test_a_folder_that_lacks_a_file_is_told(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(shipped_model(), tmp_path / "model"))
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name):
        StanceClassifier.load(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "settings.json"])
def test_a_damaged_file_is_told(tmp_path: Path, name: str) -> None:
    folder = Path(shutil.copytree(shipped_model(), tmp_path / "model"))
    (folder / name).write_bytes((folder / name).read_bytes()[:100])
    with pytest.raises(ModelError, match="Copy"):
        StanceClassifier.load(folder)


@pytest.mark.parametrize(
    "damage",
    [
        {"max_tokens": "many"},
        {"max_tokens": None},
        {"calibration": []},
        {"calibration": {"default": {"scale": 1}}},
        {"calibration": {"default": {"scale": 1, "bias": "high"}}},
    ],
    ids=str,
)
def test_settings_that_say_nonsense_are_told(tmp_path: Path, damage: dict[str, Any]) -> None:
    folder = copy_model(tmp_path / "model", "some-version", **damage)
    with pytest.raises(ModelError, match="Copy"):
        StanceClassifier.load(folder)


def test_serving_imports_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, classifier.stance_classifier;"
        "sys.exit(bool({'torch', 'transformers', 'polars'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_shipped_folder_is_complete_and_small() -> None:
    folder = shipped_model()
    names = {path.name for path in folder.iterdir()}
    assert {"README.md", "LICENSE", "DATA.md"} <= names
    assert sum(path.stat().st_size for path in folder.iterdir()) < 25e6


def test_the_vocabulary_holds_no_handle(classifier: StanceClassifier) -> None:
    tokens = classifier._tokenizer.get_vocab()
    assert not [t for t in tokens if t.startswith("@") and len(t) > 1]
