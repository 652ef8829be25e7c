"""`awaaz train` on two hundred invented posts: from a folder, and from a hub on loopback."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.dataset import split_examples
from classifier.errors import TrainingError
from classifier.labelled_data import read_labelled
from classifier.model_folder import read_settings
from classifier.stance_classifier import StanceClassifier
from classifier.text import normalise
from tests.commanding import call
from tests.conftest import ROOT
from tests.servers.hub_server import HubServer

torch = pytest.importorskip("torch", reason="training needs the extra `train`")
pytest.importorskip("onnx", reason="training needs the extra `train`")

pytestmark = pytest.mark.filterwarnings("ignore")  # the exporter and its parts warn of each other

CORPUS = ROOT / "classifier" / "corpus" / "invented-1.jsonl"
SHORT = ("--epochs", "1", "--set", "max_tokens=48", "--set", "rate=1e-3")


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Two hundred invented posts of every stance."""
    with CORPUS.open(encoding="utf-8") as corpus:
        return list(islice(corpus, 0, 2000, 10))


@pytest.fixture
def texts(lines: list[str]) -> list[str]:
    return [normalise(json.loads(line)["text"]) for line in lines]


@pytest.fixture
def data(lines: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def hub(texts: list[str], tmp_path: Path) -> Iterator[HubServer]:
    from tests.encoders import write_encoder

    with HubServer({"invented/tiny-bert": write_encoder(tmp_path / "hub", texts)}) as server:
        yield server


def environment_of(hub: HubServer, tmp_path: Path) -> dict[str, Any]:
    return {
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(tmp_path / "home"),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "NO_PROXY": "127.0.0.1",
        "PYTHONWARNINGS": "default",
    }


def assert_serves_what_was_trained(folder: Path, data: Path) -> None:
    """Compare the served int8 graph with what torch gave for the test posts at training's end."""
    examples = split_examples(read_labelled([data]).examples)["test"]
    alone = shutil.copytree(folder, folder.with_name("without companion"))
    replace(read_settings(alone), companion_weight=0.0).write(alone)
    classifier = StanceClassifier.load(alone, threads=1)
    served = classifier.predict_uncalibrated([e.text for e in examples])
    assert np.abs(served - np.load(folder / "test_fp32.npy")).max() < 0.06


def test_a_model_from_a_hub_trains_serves_and_opens(
    hub: HubServer, data: Path, tmp_path: Path
) -> None:
    from transformers import AutoModel

    out = tmp_path / "mine"
    arguments = ("--data", str(data), "--base", "invented/tiny-bert", "--out", str(out))
    shown = call("train", *arguments, *SHORT, **environment_of(hub, tmp_path))
    assert "min left" in shown.stdout
    assert "awaaz models promote" in shown.stdout
    assert "posts are hostile: fewer than 10" in shown.stderr.replace("\n", " ")
    assert any(a.startswith("GET") and a.endswith("/model.safetensors") for a in hub.asked)
    classifier = StanceClassifier.load(out, threads=1)
    assert classifier.version.startswith("mine-")
    assert_serves_what_was_trained(out, data)
    assert AutoModel.from_pretrained(out).config.hidden_size == 32
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "base_model: invented/tiny-bert" in card
    assert "posts.jsonl" in card
    assert "mine-" in call("predict", "--model", str(out), "some words").stdout
    again = call("train", *arguments, *SHORT, **environment_of(hub, tmp_path))
    assert "taking up after epoch 1" in again.stdout


def test_a_base_that_the_hub_does_not_have_is_told(
    hub: HubServer, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    arguments = ("--data", str(data), "--base", "invented/nothing", "--out", str(out))
    said = call("train", *arguments, code=1, **environment_of(hub, tmp_path)).stderr
    assert "invented/nothing cannot be opened" in said
    assert "HF_ENDPOINT" in said
    assert not out.exists()


@pytest.mark.parametrize("kind", ["xlm-roberta", "distilbert", "mpnet"])
def test_encoders_of_other_kinds_train_and_serve(
    kind: str, data: Path, texts: list[str], tmp_path: Path
) -> None:
    """Among them those whose padding is not number 0, and whose settings have other names."""
    from classifier.training import train_model
    from tests.encoders import write_encoder

    base = write_encoder(tmp_path / "base", texts, kind)
    out = tmp_path / "mine"
    train_model([data], str(base), out, options={"epochs": "1", "max-tokens": "48"})
    assert_serves_what_was_trained(out, data)


def test_wrong_settings_are_told(data: Path, tmp_path: Path) -> None:
    from classifier.training import train_model

    with pytest.raises(TrainingError, match="did you mean epochs"):
        train_model([data], "base", tmp_path / "out", options={"epoch": "3"})
    with pytest.raises(TrainingError, match="a whole number, not 'many'"):
        train_model([data], "base", tmp_path / "out", options={"epochs": "many"})
    with pytest.raises(TrainingError, match="runs and epochs are 1 or more"):
        train_model([data], "base", tmp_path / "out", options={"runs": "0"})
    with pytest.raises(TrainingError, match="cannot be opened"):
        train_model([data], str(tmp_path / "nowhere"), tmp_path / "out")


def test_the_base_is_not_overwritten(data: Path, texts: list[str], tmp_path: Path) -> None:
    from classifier.training import train_model
    from tests.encoders import write_encoder

    base = write_encoder(tmp_path / "base", texts)
    before = (base / "model.safetensors").read_bytes()
    with pytest.raises(TrainingError, match=r"is the base model.*another --out"):
        train_model([data], str(base), tmp_path / "x" / ".." / "base", options={"epochs": "1"})
    assert (base / "model.safetensors").read_bytes() == before


def test_a_missing_library_is_told_with_what_to_install(data: Path) -> None:
    code = (
        "import sys; sys.modules['torch'] = None; "
        "from pathlib import Path; from classifier.training import train_model; "
        f"train_model([Path({str(data)!r})], 'base', Path('out'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "Training needs torch" in done.stderr
    assert "pip install 'awaaz[train]'" in done.stderr
