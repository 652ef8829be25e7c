"""Where a training run stands after an epoch, so that a stopped one can be taken up."""

import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import nn

from classifier.errors import TrainingError

__all__ = ["Progress", "load_checkpoint", "save_checkpoint"]


@dataclass
class Progress:
    """Where a run stands after an epoch; saved so that a stopped run can be taken up."""

    epoch: int = 0
    best: float = -1.0
    bad: int = 0  # epochs since the best one


def save_checkpoint(
    out: Path,
    key: str,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    best_state: dict[str, torch.Tensor],
) -> None:
    """Write everything that taking up needs, in one step."""
    state = {"key": key, "progress": asdict(progress), "best_state": best_state}
    state |= {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    try:
        torch.save(state, out / "checkpoint.new")
    except RuntimeError as error:  # how torch tells of a full disk
        (out / "checkpoint.new").unlink(missing_ok=True)
        raise OSError(f"{out / 'checkpoint.new'} cannot be written ({error}).") from None
    (out / "checkpoint.new").replace(out / "checkpoint.pt")


def load_checkpoint(
    out: Path, key: str, model: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[Progress, dict[str, torch.Tensor]]:
    """Take up a stopped run of the same key, or begin."""
    path = out / "checkpoint.pt"
    state = read_checkpoint(path) if path.is_file() else {}
    if state.get("key") != key:
        if state:
            Console().print("the run there has other data, base or settings: beginning anew")
        return Progress(), {k: v.clone() for k, v in model.state_dict().items()}
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    progress = Progress(**state["progress"])
    Console().print(f"taking up after epoch {progress.epoch}")
    return progress, state["best_state"]


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return the state of a stopped run; raises TrainingError where its file is damaged."""
    try:
        state: dict[str, Any] = torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError):
        raise TrainingError(
            f"{path} is damaged, so the run cannot be taken up. Delete it to begin anew."
        ) from None
    return state
