"""The rooms: imports go down only, files stay small, and nothing names an author."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

FLOORS = {"config": 0, "collector": 1, "classifier": 2, "dashboard": 3}
BARRED = {
    "dashboard": {"torch", "tweepy", "praw"},
    "collector": {"transformers", "torch"},
    "config": {"transformers", "torch", "tweepy", "praw", "sqlalchemy"},
    "classifier": {"tweepy", "praw", "streamlit"},
}
LONGER = {"classifier/train.py": 520}
"""Training reads top to bottom in one file, on purpose."""
FILES = [path for room in FLOORS for path in sorted((ROOT / room).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    names = set(imported(path))
    upward = {name for name in names if FLOORS.get(name, -1) > FLOORS[room]}
    assert not upward
    assert not names & BARRED[room]
    assert "awaaz" not in names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_stay_readable(path: Path) -> None:
    most = LONGER.get(path.relative_to(ROOT).as_posix(), 260)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most


def test_only_what_belongs_stands_at_the_top() -> None:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("this is no git checkout")
    allowed = {
        *FLOORS,
        *("tests", "awaaz.py", "pyproject.toml", "README.md", "Makefile", "LICENSE"),
        *("CHANGELOG.md", ".ci", ".gitignore"),
    }
    assert {line.split("/")[0] for line in done.stdout.splitlines()} <= allowed
