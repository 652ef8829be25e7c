"""Evaluating, promoting and training models, through the command line's own process."""

import json
import shutil
from itertools import islice
from pathlib import Path

import pytest

from classifier.model_folder import ModelSettings
from dashboard.terminal_models import show_trained
from tests.commanding import call
from tests.conftest import ROOT
from tests.models import copy_model

CORPUS = ROOT / "classifier" / "corpus" / "invented-1.jsonl"


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Ninety invented posts with their labels, of every stance."""
    path = tmp_path / "labelled.jsonl"
    with CORPUS.open(encoding="utf-8") as lines:
        path.write_text("".join(islice(lines, 0, 1800, 20)), encoding="utf-8")
    return path


def test_evaluate_writes_a_table_figures_and_a_page(labelled: Path, tmp_path: Path) -> None:
    figures, page = tmp_path / "out" / "e.json", tmp_path / "out" / "e.html"
    arguments = ("--data", str(labelled), "--json", str(figures), "--html", str(page))
    shown = call("evaluate", "shipped", *arguments).stdout
    assert "What is taken for what" in shown
    assert "Worst mistakes" in shown
    plain = json.loads(figures.read_text(encoding="utf-8"))
    assert plain["parts"][0]["n"] == 90
    assert "text" not in plain["mistakes"][0]
    assert "How well metoo-minilm" in page.read_text(encoding="utf-8")


def test_evaluate_compares_a_model_with_itself_and_cannot_tell(labelled: Path) -> None:
    shown = call("evaluate", "shipped", "--against", "shipped", "--data", str(labelled)).stdout
    assert "cannot tell" in shown
    assert "better" not in shown


def test_evaluate_does_with_a_single_post(tmp_path: Path) -> None:
    path, page = tmp_path / "one.csv", tmp_path / "one.html"
    path.write_text("text,label\na single post,none\n", encoding="utf-8")
    shown = call("evaluate", "shipped", "--data", str(path), "--html", str(page))
    assert "too few" in shown.stdout
    assert "Only 0 posts are hostile" in shown.stderr.replace("\n", " ")
    assert "Too few posts" in page.read_text(encoding="utf-8")


def test_evaluate_tells_what_it_cannot_use(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,stance\nsome words,suportive\n", encoding="utf-8")
    said = call("evaluate", "shipped", "--data", str(path), code=1).stderr
    assert "did you mean supportive?" in said
    said = call("evaluate", "nowhere", "--data", str(CORPUS), code=1).stderr
    assert "no model" in said.replace("\n", " ")


@pytest.fixture(scope="module")
def labelled_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of eleven posts, labelled by the shipped model."""
    folder = tmp_path_factory.mktemp("labelled")
    rows = [{"id": str(10**18 + n), "text": f"I believe her, {n}"} for n in range(1, 12)]
    lines = [json.dumps({**r, "created_at": f"2018-10-{r['id'][-2:]}T10:00:00Z"}) for r in rows]
    (folder / "archive.jsonl").write_text("\n".join(lines), encoding="utf-8")
    call("import", str(folder / "archive.jsonl"), AWAAZ_DATA=str(folder / "data"))
    call("label", AWAAZ_DATA=str(folder / "data"))
    return folder / "data"


@pytest.fixture
def filled(labelled_store: Path, tmp_path: Path) -> Path:
    """That store as one's own; returns a worse model's folder."""
    shutil.copytree(labelled_store, tmp_path / "data")
    return copy_model(tmp_path / "worse", "worse-1", blind=True)


def test_promotion_is_refused_recorded_and_undone(filled: Path, labelled: Path) -> None:
    shown = call("models", "list").stdout
    assert "live" in shown
    assert "11" in shown
    refused = call("models", "promote", str(filled), "--data", str(labelled), code=1)
    assert "worse on all posts" in refused.stderr.replace("\n", " ")
    assert "worse-1" not in call("models", "list").stdout
    call("models", "promote", str(filled), "--data", str(labelled), "--anyway", " ", code=2)
    done = call(
        *("models", "promote", str(filled), "--data", str(labelled)),
        *("--anyway", "a rehearsal"),
    ).stdout.replace("\n", " ")
    assert "worse-1 is live" in done
    assert "11 posts wait" in done
    assert "anyway: a rehearsal" in call("models", "show", "worse-1").stdout
    assert "worse-1" in call("predict", "I believe her").stdout
    assert "11 posts labelled by worse-1" in call("label").stdout.replace("\n", " ")
    assert "is live" in call("models", "retire", "worse-1", code=1).stderr
    call("models", "promote", "shipped", "--data", str(labelled))
    assert "0 posts labelled by metoo" in call("label").stdout, "its old labels are still there"
    assert "retired" in call("models", "retire", "worse-1").stdout
    assert "no model nonsense" in call("models", "show", "nonsense", code=1).stderr


def test_a_candidate_labels_beside_the_live_model(filled: Path) -> None:
    shown = call("label", "--model", str(filled), "--since", "2018-10-08").stdout
    assert "4 posts labelled by worse-1" in shown.replace("\n", " ")
    listed = call("models", "list").stdout
    assert "candidate" in listed
    assert "4 posts labelled" not in call("label", "--model", "worse-1").stdout
    assert "11" in listed


def test_promotion_without_common_figures_asks_for_data(filled: Path) -> None:
    folder = copy_model(filled.parent / "other", "other-1", data_hash="f" * 64)
    said = call("models", "promote", str(folder), code=1).stderr.replace("\n", " ")
    assert "--data LABELS" in said


def test_the_commands_after_training_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    settings = ModelSettings("n", "n-1", "base", "", "1.3", 80, ())
    show_trained(settings, Path("/data/my models/ماڈل"))
    assert "predict --model '/data/my models/ماڈل' TEXT" in capsys.readouterr().out
