"""The card and the files that ship with a model."""

import json
from pathlib import Path

from classifier.model_card import metrics_table, ship, write_card
from classifier.model_folder import read_settings, shipped_model
from classifier.stance_classifier import StanceClassifier


def test_shipping_copies_what_serving_needs_and_no_more(tmp_path: Path) -> None:
    ship(shipped_model(), tmp_path / "copy")
    names = {path.name for path in (tmp_path / "copy").iterdir()}
    assert names - {"companion.npz"} == {
        "model.onnx", "tokenizer.json", "settings.json", "README.md", "DATA.md", "LICENSE",
    }  # fmt: skip
    assert StanceClassifier.load(tmp_path / "copy").version == StanceClassifier.load().version


def test_the_shipped_card_is_the_one_its_figures_give() -> None:
    folder = shipped_model()
    for name, text in write_card(read_settings(folder)).items():
        assert (folder / name).read_text(encoding="utf-8") == text


def test_the_card_says_what_matters() -> None:
    card = (shipped_model() / "README.md").read_text(encoding="utf-8")
    for word in ("machine-made", "must not be used", "sarcasm", "held out"):
        assert word.lower() in card.lower()


def test_small_parts_get_no_overall_figure() -> None:
    figures = json.loads(json.dumps(read_settings(shipped_model()).metrics["test"]))
    part = figures["all"] | {"counts": {"supportive": 1, "skeptical": 0, "hostile": 3, "none": 90}}
    table = metrics_table({"tiny": part})
    assert "too few" in table
    assert metrics_table({"all": figures["all"]}).count("too few") == 0
