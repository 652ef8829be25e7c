"""The page of an evaluation: nothing to fetch, no handle in it, small groups marked."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from classifier.calibration import FRAME_TO_STANCE
from classifier.dataset import Example
from classifier.labelled_data import LabelledData
from classifier.model_evaluation import Evaluation, evaluate_model, with_overlap
from classifier.stance_classifier import Predictions
from config.codebook import FRAMES, STANCES
from dashboard.evaluation_page import render_page
from dashboard.evaluation_plots import Line, draw_intervals

HOSTILE = "<script>alert(1)</script> ask @invented_handle or see https://example.org/someone"


class ByNumber:
    """Stands where a model stands: takes every `share`-th number for none, and is right else."""

    class Settings:
        codebook = "1.3"

    settings = Settings()

    def __init__(self, version: str, share: int) -> None:
        self.version, self.share = version, share

    def predict(self, texts: list[str]) -> Predictions:
        frame = np.full((len(texts), len(FRAMES)), 0.01, dtype=np.float32)
        for i, text in enumerate(texts):
            number = int(re.findall(r"\d+", text)[-1])
            right = STANCES[number % 4] if number % self.share else "none"
            frame[i, FRAMES.index(first(right))] = 0.85
        return Predictions((frame @ FRAME_TO_STANCE).astype(np.float32), frame)


def first(stance: str) -> str:
    """The first frame of a stance."""
    return FRAMES[int(FRAME_TO_STANCE[:, STANCES.index(stance)].argmax())]


@pytest.fixture(scope="module")
def data() -> LabelledData:
    forms = ("en", "roman", "ur")
    rows = [
        Example(f"id{n}", f"{HOSTILE} number {n}", STANCES[n % 4], form=forms[n % 3], country="PK")
        for n in range(240)
    ]
    few = [Example(f"few{n}", f"کچھ الفاظ {n}", STANCES[n % 4], form="hi") for n in range(8)]
    return LabelledData([*rows, *few], ["A note with <b>markup</b>."], "0" * 64)


@pytest.fixture(scope="module")
def evaluation(data: LabelledData) -> Evaluation:
    return evaluate_model(ByNumber("good", 7), data, ByNumber("poor", 3))  # type: ignore[arg-type]


def test_the_page_fetches_nothing_and_runs_nothing(evaluation: Evaluation) -> None:
    page = render_page(evaluation)
    assert "<script" not in page
    assert not re.search(r"""(?:src|href|@import|url\()\s*=?\s*["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page
    assert "A note with &lt;b&gt;markup&lt;/b&gt;." in page


def test_every_text_is_masked(evaluation: Evaluation) -> None:
    page = render_page(evaluation)
    assert "invented_handle" not in page
    assert "example.org" not in page
    assert "[user]" in page
    assert "MASKED" in render_page(evaluation, lambda _: "MASKED")


def test_small_groups_are_marked(evaluation: Evaluation) -> None:
    page = render_page(evaluation)
    row = next(row for row in page.split("<tr>") if '<th scope="row">hi</th>' in row)
    assert "too few" in row
    row = next(row for row in page.split("<tr>") if '<th scope="row">en</th>' in row)
    assert "too few" not in row


def test_the_drawings_are_well_formed(evaluation: Evaluation) -> None:
    drawings = re.findall(r"<svg.*?</svg>", render_page(evaluation), re.DOTALL)
    assert len(drawings) == 3
    for drawing in drawings:
        ET.fromstring(drawing)  # noqa: S314  (our own drawing)


def test_the_comparison_is_told(evaluation: Evaluation) -> None:
    assert evaluation.comparison[0]["verdict"] == "better"
    page = render_page(evaluation)
    assert "Against poor" in page
    assert "All in all: <b>better</b>" in page
    assert "Against" not in render_page(replace(evaluation, comparison=[]))


def test_numbers_for_programs_hold_no_text(evaluation: Evaluation) -> None:
    plain = evaluation.to_dict()
    assert "number" not in str(plain["mistakes"])
    assert plain["parts"][0]["n"] == 248
    assert {p["name"]: p["enough"] for p in plain["parts"] if p["kind"] == "form"} == {
        "en": True,
        "hi": False,
        "roman": True,
        "ur": True,
    }


def test_posts_of_the_training_data_are_noted(data: LabelledData) -> None:
    noted = with_overlap(data, LabelledData(data.examples[:3], []))
    assert any(note.startswith("3 ids stand in the evaluation") for note in noted.notes)


def test_values_outside_the_axis_stay_inside_the_drawing() -> None:
    drawing = draw_intervals([Line("x", "", (0.5, -3, 3))], -0.1, 0.1, "title", signed=True)
    places = [float(x) for x in re.findall(r'(?:x1|x2|cx)="([-\d.]+)"', drawing)]
    assert min(places) >= 0
    assert max(places) <= 660
