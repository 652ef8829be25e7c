"""The codebook: stances, frames and what each of them means."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["FRAMES", "STANCES", "Codebook", "load_codebook", "stance_of_frame"]


@dataclass(frozen=True)
class Codebook:
    """The stances and frames in their fixed order, with a one-line meaning each."""

    version: str
    stances: tuple[str, ...]
    frames: tuple[str, ...]
    meanings: MappingProxyType[str, str]
    frame_stances: MappingProxyType[str, str]


@cache
def load_codebook() -> Codebook:
    """Return the shipped codebook."""
    table = tomllib.loads(files("config").joinpath("codebook.toml").read_text(encoding="utf-8"))
    meanings: dict[str, str] = {}
    frame_stances: dict[str, str] = {}
    for stance, entry in table["stances"].items():
        meanings[stance] = entry["meaning"]
        for frame, meaning in entry["frames"].items():
            frame_stances[frame] = stance
            meanings.setdefault(frame, meaning)
    return Codebook(
        version=table["version"],
        stances=tuple(table["stances"]),
        frames=tuple(frame_stances),
        meanings=MappingProxyType(meanings),
        frame_stances=MappingProxyType(frame_stances),
    )


STANCES: tuple[str, ...] = load_codebook().stances
"""supportive, skeptical, hostile, none: the order used everywhere."""

FRAMES: tuple[str, ...] = load_codebook().frames
"""The fifteen frames and `none`, in the order of the stances."""


def stance_of_frame(frame: str) -> str:
    """Return the stance that a frame belongs to; KeyError for an unknown frame."""
    return load_codebook().frame_stances[frame]
