"""The dashboard as a process of its own, as people start it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from dashboard.errors import LaunchError
from dashboard.launch import launch
try:
    sys.exit(launch(int(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:])))
except LaunchError as error:
    sys.exit(str(error))
"""


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(port: int, settings: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start the dashboard with settings from the environment."""
    pairs = [f"{name}={value}" for name, value in settings.items()]
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port), *pairs],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(settings: Mapping[str, str]) -> Iterator[str]:
    """Serve the dashboard and yield its address as it prints it."""
    with address_of(start(free_port(), settings)) as address:
        yield address


@contextmanager
def demonstrating(data: Path) -> Iterator[str]:
    """Run `awaaz demo` in a data folder of its own and yield the address that it prints."""
    command = [sys.executable, str(ROOT / "awaaz.py"), "demo", "--port", str(free_port())]
    environment = {**os.environ, "AWAAZ_DATA": str(data)}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with address_of(process) as address:
        yield address


@contextmanager
def address_of(process: subprocess.Popen[str]) -> Iterator[str]:
    """Wait for the address that a process prints, yield it, and end the process."""
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        line = next((line for line in lines if line.startswith("Dashboard: http://127")), None)
        assert line is not None, process.communicate()
        yield line.split()[1]
    finally:
        process.terminate()
        process.communicate(timeout=30)
