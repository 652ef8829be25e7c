"""Launching: the dashboard as a process of its own, on this machine only."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from dashboard.errors import LaunchError
from dashboard.theme import theme_options

__all__ = ["HOST", "launch"]

HOST = "127.0.0.1"
START_S, STOP_S, POLL_S = 90.0, 5.0, 0.2
"""Seconds to wait for the first answer, for a clean end, and between two looks."""


def launch(port: int, settings_env: Mapping[str, str]) -> int:
    """Serve the dashboard until it is told to end, and return its exit status.

    `settings_env` are the environment variables that name the configuration. Prints the address
    once it answers. Raises LaunchError where the port is taken or the dashboard does not start.
    """
    refuse_taken(port)
    process = subprocess.Popen(  # noqa: S603  # our own command, no shell
        command_line(port), env=environment(settings_env), stdout=subprocess.DEVNULL
    )
    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        wait_ready(process, port)
        print(f"Dashboard: http://{HOST}:{port} (Ctrl-C ends it)", flush=True)
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        stop(process)
        signal.signal(signal.SIGTERM, previous)


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """End on SIGTERM as on Ctrl-C."""
    raise KeyboardInterrupt


def refuse_taken(port: int) -> None:
    """Raise LaunchError where something else listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # else a port left seconds ago looks taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise LaunchError(
                f"Port {port} on {HOST} cannot be used ({error.strerror})."
                f" Choose another one, such as {port + 1 if port < 65535 else port - 1}."  # noqa: PLR2004
            ) from None


def command_line(port: int) -> list[str]:
    """Return the command that serves the dashboard."""
    options = {
        **theme_options(),
        "server.address": HOST,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "runner.magicEnabled": "false",
        "logger.level": "warning",
        "logger.enableRich": "false",  # it prints to stdout, so that nobody saw why a page broke
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": HOST,
        "client.showErrorDetails": "none",
        "client.showSidebarNavigation": "false",
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    app = Path(__file__).with_name("app.py")
    return [sys.executable, "-m", "streamlit", "run", str(app), *flags]


def environment(settings_env: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with the settings, and with the packages importable."""
    root = str(Path(__file__).resolve().parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, **settings_env, "PYTHONPATH": os.pathsep.join(paths)}


def wait_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the dashboard answers; raises LaunchError where it ends or stays silent."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise LaunchError(
                f"The dashboard ended at once (status {process.returncode});"
                " its own message stands above."
            )
        if answers(port):
            return
        time.sleep(POLL_S)
    raise LaunchError(f"The dashboard did not answer within {START_S:.0f} seconds. Try again.")


def answers(port: int) -> bool:
    """Say whether the dashboard answers on the port."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/_stcore/health", timeout=2) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the dashboard, gently first."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
