"""Training as a command calls it: checks first, then `classifier.train`, then a model card.

Nothing of torch is imported before a run begins.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from string import Template
from types import ModuleType
from typing import Any

from classifier.dataset import Example, split_examples
from classifier.errors import TrainingError
from classifier.labelled_data import check_split, few_classes, read_labelled
from classifier.model_card import metrics_table
from classifier.model_folder import ModelSettings, read_settings
from classifier.scores import FEWEST
from config.codebook import STANCES

__all__ = ["train_model"]

EXTRA = frozenset({"torch", "onnx", "onnxscript", "accelerate", "sklearn", "transformers"})
"""What the extra `train` installs."""
NO_TEST = "The split has no test part: the model gets no figures; `awaaz evaluate` makes them."


def train_model(
    data: Sequence[Path],
    base: str,
    out: Path,
    *,
    name: str = "",
    options: Mapping[str, str] | None = None,
    on_note: Callable[[str], None] = lambda _: None,
) -> ModelSettings:
    """Fine-tune the encoder `base`, a folder or an id on the Hub, on labelled tables.

    `options` are fields of `classifier.train.Recipe`. What is odd about the data is told to
    `on_note`. `out` opens with transformers and with StanceClassifier; called again after a stop
    the run goes on. Raises DatasetError or TrainingError before anything is written.
    """
    labelled = read_labelled(data)
    parts = split_examples(labelled.examples)
    few = few_classes(parts["test"], FEWEST) if parts["test"] else [NO_TEST]
    few += _companion_note(parts["train"])
    for note in (*labelled.notes, *check_split(parts), *few):
        on_note(note)
    train = _import_train()
    recipe = train.Recipe(**_read_options(asdict(train.Recipe()), options or {}))
    _quieten()
    _check_base(base)
    if out.resolve() == Path(base).resolve():
        raise TrainingError(
            f"{out} is the base model, which the trained one would overwrite. Name another --out."
        )
    try:
        train.train(data, base, out, recipe, name or out.name)
    except OSError as error:
        reason = str(error).strip().splitlines()[0]
        raise TrainingError(
            f"Training stopped: {reason} Mend that and call the same command: it goes on from the"
            f" last whole epoch in {out}."
        ) from None
    settings = read_settings(out)
    (out / "README.md").write_text(write_card(settings, base, data), encoding="utf-8")
    return settings


def _companion_note(train: Sequence[Example]) -> list[str]:
    """Say which stances keep the model from a companion."""
    found = {e.stance for e in train if e.drawn}
    missing = " or ".join(stance for stance in STANCES if stance not in found)
    said = f"No training post that is neither chosen nor invented is {missing}: the model gets no"
    return [f"{said} linear companion, which needs posts as they are drawn."] if missing else []


def _import_train() -> ModuleType:
    try:
        from classifier import train  # noqa: PLC0415
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing not in EXTRA:
            raise
        raise TrainingError(
            f"Training needs {missing}, which is not installed: pip install 'awaaz[train]'"
            " (torch alone is some hundred MB in its CPU build, several GB with CUDA)."
        ) from None
    return train


def _quieten() -> None:
    """Leave the terminal to progress and notes: what the libraries say by the way is known."""
    from transformers.utils import logging as chatter  # noqa: PLC0415

    chatter.set_verbosity_error()  # type: ignore[no-untyped-call]
    chatter.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.getLogger().setLevel(logging.ERROR)  # the quantiser speaks through the root logger


def _read_options(known: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, word in given.items():
        field = name.replace("-", "_")
        if field not in known:
            near = get_close_matches(field, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."
            raise TrainingError(f"Training has no setting {name!r}; {hint}")
        try:
            values[field] = type(known[field])(word)
        except ValueError:
            kind = "a whole number" if isinstance(known[field], int) else "a number"
            raise TrainingError(f"The setting {name} is {kind}, not {word!r}.") from None
    return values


def _check_base(base: str) -> None:
    """Open configuration and tokenizer, so that a wrong name is told before a long run."""
    from transformers import AutoConfig, AutoTokenizer  # noqa: PLC0415

    try:
        config = AutoConfig.from_pretrained(base)
        tokenizer = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise TrainingError(
            f"The base model {base} cannot be opened: {reason} Give a folder, or the id of an"
            " encoder on the Hub that this machine reaches (HF_ENDPOINT names another hub)."
        ) from None
    if config.is_encoder_decoder or not tokenizer.is_fast:
        raise TrainingError(
            f"The base model {base} is no encoder with a fast tokenizer; take one like BERT,"
            " RoBERTa or XLM-R that has a tokenizer.json."
        )


def write_card(settings: ModelSettings, base: str, data: Sequence[Path]) -> str:
    """README.md of a model that somebody trained, in the Hub's format."""
    template = files("classifier").joinpath("card", "trained.md").read_text(encoding="utf-8")
    test = settings.metrics.get("test", {})
    return Template(template).substitute(
        name=settings.name,
        version=settings.version,
        base=base if not Path(base).exists() else settings.base,
        date=settings.date,
        codebook=settings.codebook,
        data_hash=settings.data_hash,
        data=", ".join(path.name for path in data),
        max_tokens=settings.max_tokens,
        size=f"{test.get('all', {}).get('n', 0):,}",
        table=metrics_table(test),
        recipe="\n".join(f"- {k}: {v}" for k, v in settings.metrics.get("recipe", {}).items()),
    )
