"""Commands of awaaz, each in a process of its own.

To start Python and load the libraries takes half a second, two hundred times in the suite. Where
the system can, a command's process is therefore forked from one that has loaded libraries, and
nothing of ours; what a real start does is tested where it matters (`subprocess` in the tests).
"""

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = str(ROOT / "awaaz.py")
LOADED = [
    *("numpy", "pydantic_settings", "rich.progress", "rich.table", "sqlalchemy", "typer"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "tests.commanding"),
]
"""Libraries that start no thread by being loaded: a fork keeps none."""

Done = subprocess.CompletedProcess[str]


def call(*arguments: str, code: int = 0, **environment: Any) -> Done:
    """Run awaaz in a process of its own and check how it ended."""
    strict = {"COLUMNS": "200", "PYTHONWARNINGS": "error"}
    done = run(arguments, {**os.environ, **strict, **environment})
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def run(arguments: tuple[str, ...], environment: Mapping[str, str], timeout_s: float = 120) -> Done:
    """Return how a command ended and what it printed."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return subprocess.run(
            [sys.executable, PROGRAM, *arguments],
            env=dict(environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    with tempfile.TemporaryDirectory() as folder:
        printed = [Path(folder, name) for name in ("stdout", "stderr")]
        process = context.Process(target=become, args=(arguments, dict(environment), printed))
        process.start()
        process.join(timeout_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([PROGRAM, *arguments], timeout_s)
        out, err = (path.read_text(encoding="utf-8") for path in printed)
    return subprocess.CompletedProcess([PROGRAM, *arguments], process.exitcode, out, err)


def become(arguments: tuple[str, ...], environment: dict[str, str], printed: list[Path]) -> None:
    """Be the command, in a fresh fork: its arguments, its environment, its output."""
    for number, path in enumerate(printed, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(environment)
    warnings.resetwarnings()
    warnings.simplefilter("error" if environment["PYTHONWARNINGS"] == "error" else "default")
    sys.argv = [PROGRAM, *arguments]
    sys.path.insert(0, str(ROOT))
    runpy.run_path(PROGRAM, run_name="__main__")
