"""Launching: this machine only, a clear word where the port is taken, and a clean end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from dashboard.errors import LaunchError
from dashboard.launch import command_line, launch
from tests.dashboard.served import free_port, start


def test_taken_port_is_said() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LaunchError, match=f"Port {port} .* Choose another"):
            launch(port, {})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to answer")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ends_cleanly_on_a_signal(sqlite_address: str, sign: signal.Signals) -> None:
    port = free_port()
    process = start(port, {"AWAAZ_STORE__URL": sqlite_address})
    assert process.stdout is not None
    assert process.stdout.readline() == f"Dashboard: http://127.0.0.1:{port} (Ctrl-C ends it)\n"
    os.kill(process.pid, sign)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    assert not answers(port)


def answers(port: int) -> bool:
    """Say whether anything still answers on the port, looking for a while."""
    for _ in range(20):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except (urllib.error.URLError, ConnectionError):
            return False
        time.sleep(0.1)
    return True


def test_listens_on_this_machine_only_and_tells_nobody() -> None:
    flags = command_line(8501)
    assert "--server.address=127.0.0.1" in flags
    assert "--browser.gatherUsageStats=false" in flags
    assert "--server.headless=true" in flags
    # what breaks a page goes to stderr by the log, which is shown; stdout is not
    assert "--logger.enableRich=false" in flags


def test_dashboard_does_without_torch_and_the_platforms() -> None:

    script = (
        "import sys, dashboard.launch, dashboard.pages.trend, dashboard.pages.posts,"
        " dashboard.pages.about\n"
        "print(sorted({'torch', 'tweepy', 'praw', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
