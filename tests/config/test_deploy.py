"""The systemd unit: systemd itself finds nothing wrong with it, and it is as closed as it says."""

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.conftest import ROOT

UNIT = ROOT / "config" / "deploy" / "awaaz.service"
COMMAND = "/opt/awaaz/bin/awaaz"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that is there; skips where systemd is not."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    command = tmp_path / "awaaz"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    path = tmp_path / "awaaz.service"
    path.write_text(UNIT.read_text().replace(f"ExecStart={COMMAND}", f"ExecStart={command}"))
    return path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False
    )


def test_systemd_takes_it_without_a_word(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_wrong_unit_would_be_found(unit: Path) -> None:
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=strictly"))
    done = analyze("verify", str(unit))
    assert "strictly" in done.stderr


def test_it_is_closed_but_for_network_and_its_folder(unit: Path) -> None:
    done = analyze("security", "--offline=true", "--threshold=20", "--no-pager", str(unit))
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot judge a unit that is not installed")
    assert done.returncode == 0, done.stdout[-300:]


def test_it_says_what_the_text_promises() -> None:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys have case
    parser.read_string(UNIT.read_text())
    service = parser["Service"]
    assert service["ExecStart"] == f"{COMMAND} run"
    assert service["NoNewPrivileges"] == "yes"
    assert service["Restart"] == "on-failure"
    assert service["EnvironmentFile"].endswith("/etc/awaaz/secrets.env")
    assert int(service["TimeoutStopSec"]) >= 60
    assert f"AWAAZ_DATA=/var/lib/{service['StateDirectory']}" in service["Environment"]
    assert "awaaz status --check" in UNIT.read_text(), "how to ask whether it is well"
