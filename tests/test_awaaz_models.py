"""Evaluating, promoting and training models, through the command line's own process."""

import json
from itertools import islice
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_awaaz import call

CORPUS = ROOT / "classifier" / "corpus" / "invented-1.jsonl"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Three hundred invented posts with their labels, of every stance."""
    path = tmp_path / "labelled.jsonl"
    with CORPUS.open(encoding="utf-8") as lines:
        path.write_text("".join(islice(lines, 0, 1800, 6)), encoding="utf-8")
    return path


def test_evaluate_writes_a_table_figures_and_a_page(labelled: Path, tmp_path: Path) -> None:
    figures, page = tmp_path / "out" / "e.json", tmp_path / "out" / "e.html"
    arguments = ("--data", str(labelled), "--json", str(figures), "--html", str(page))
    shown = call("evaluate", "shipped", *arguments).stdout
    assert "What is taken for what" in shown
    assert "Worst mistakes" in shown
    plain = json.loads(figures.read_text(encoding="utf-8"))
    assert plain["parts"][0]["n"] == 300
    assert "text" not in plain["mistakes"][0]
    assert "How well metoo-minilm" in page.read_text(encoding="utf-8")


def test_evaluate_compares_a_model_with_itself_and_cannot_tell(labelled: Path) -> None:
    shown = call("evaluate", "shipped", "--against", "shipped", "--data", str(labelled)).stdout
    assert "cannot tell" in shown
    assert "better" not in shown


def test_evaluate_tells_what_it_cannot_use(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,stance\nsome words,suportive\n", encoding="utf-8")
    said = call("evaluate", "shipped", "--data", str(path), code=1).stderr
    assert "did you mean supportive?" in said
    said = call("evaluate", "nowhere", "--data", str(CORPUS), code=1).stderr
    assert "no model" in said.replace("\n", " ")
