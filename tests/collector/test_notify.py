"""Notifications: real mail and a real webhook to servers on this machine, and what can fail."""

from pathlib import Path

import pytest

from collector.conditions import Condition
from collector.errors import NoticeError
from collector.notify import MailChannel, WebhookChannel, open_channels
from config.secrets import Secrets, load_secrets
from config.sections import WatchSettings
from config.settings import load_settings
from tests.servers.smtp_server import PASSWORD, USER, make_certificate, serve_mail, unused_port
from tests.servers.webhook_server import PATH, WebhookServer

TROUBLE = Condition("failing:x", "x has failed 3 turns in a row. The last time: X is busy.")


def settings_for(port: int, **changes: object) -> WatchSettings:
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "mail_from": "awaaz@ngo.invalid",
        "mail_to": ["one@ngo.invalid", "two@ngo.invalid"],
        "timeout_s": 5.0,
    }
    return load_settings().watch.model_copy(update=values | changes)


def test_a_mail_says_what_is_wrong_to_everybody() -> None:
    with serve_mail() as (box, port):
        MailChannel(settings_for(port), None).send(TROUBLE)
    mail = box.mails[0]
    assert mail["subject"] == "awaaz: failing:x"
    assert box.recipients == [["one@ngo.invalid", "two@ngo.invalid"]]
    assert "X is busy." in str(mail.get_payload())


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_goes_over_tls_only(
    security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = make_certificate(tmp_path)
    served = serve_mail(starttls=context) if security == "starttls" else serve_mail(tls=context)
    with served as (box, port):
        settings = settings_for(port, smtp_security=security, smtp_user=USER)
        with pytest.raises(NoticeError, match="SSLCertVerificationError"):
            MailChannel(settings, PASSWORD).send(TROUBLE)
        assert box.logins == 0, "who cannot prove who it is gets no password"
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        MailChannel(settings, PASSWORD).send(TROUBLE)
        with pytest.raises(NoticeError, match="refuses the account") as caught:
            MailChannel(settings, PASSWORD[::-1]).send(TROUBLE)
        assert PASSWORD[::-1] not in str(caught.value)
    assert box.logins == 1
    assert box.encrypted == [True]


def test_a_server_without_tls_gets_nothing() -> None:
    with serve_mail() as (box, port):
        with pytest.raises(NoticeError, match="smtp_security"):
            MailChannel(settings_for(port, smtp_security="starttls"), None).send(TROUBLE)
        assert box.mails == []


def test_a_mail_that_is_not_taken_is_told() -> None:
    with serve_mail() as (box, port):
        box.says = "554 No"
        with pytest.raises(NoticeError, match="SMTPDataError"):
            MailChannel(settings_for(port), None).send(TROUBLE)
    with pytest.raises(NoticeError, match="smtp_host"):
        MailChannel(settings_for(unused_port()), None).send(TROUBLE)


@pytest.mark.parametrize(
    ("changes", "password", "told"),
    [
        ({"mail_to": []}, None, "mail_to"),
        ({"mail_from": ""}, None, "mail_from"),
        ({"smtp_user": USER}, None, "AWAAZ_SMTP_PASSWORD"),
        ({"smtp_user": USER, "smtp_host": "mail.invalid"}, PASSWORD, "unencrypted"),
    ],
)
def test_half_a_set_up_is_an_error(
    changes: dict[str, object], password: str | None, told: str
) -> None:
    with pytest.raises(NoticeError, match=told):
        MailChannel(settings_for(25, **changes), password)


def test_a_webhook_is_told() -> None:
    with WebhookServer() as server:
        WebhookChannel(server.url, 5).send(TROUBLE)
    assert server.told == [{"text": f"awaaz: {TROUBLE.says}", "condition": "failing:x"}]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_told_without_its_address(status: int) -> None:
    with WebhookServer() as server:
        server.status = status
        with pytest.raises(NoticeError, match=str(status)) as caught:
            WebhookChannel(server.url, 5).send(TROUBLE)
        assert server.told == []
    assert PATH not in str(caught.value)
    with pytest.raises(NoticeError, match="ConnectError") as caught:
        WebhookChannel(server.url, 5).send(TROUBLE)
    assert PATH not in str(caught.value)


def test_a_webhook_elsewhere_must_be_encrypted() -> None:
    with pytest.raises(NoticeError, match="https://"):
        WebhookChannel("http://chat.invalid/hook", 5)


def test_channels_come_from_settings_and_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = load_settings().watch
    assert open_channels(bare, Secrets()) == []
    monkeypatch.setenv("AWAAZ_WEBHOOK_URL", "https://chat.invalid/hook")
    names = [channel.name for channel in open_channels(settings_for(25), load_secrets())]
    assert names == ["mail", "webhook"]
    assert "chat.invalid" not in repr(load_secrets())
    assert load_secrets().values() == ["https://chat.invalid/hook"]
