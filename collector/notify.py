"""Ways to tell the operator: mail and webhook. What they raise holds no secret."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import urlsplit

from collector.conditions import Condition
from collector.errors import NoticeError
from config.secrets import Secrets
from config.sections import WatchSettings

__all__ = ["Channel", "MailChannel", "WebhookChannel", "open_channels"]

HERE = frozenset({"127.0.0.1", "::1", "localhost"})
CHECK_MAIL = "Check watch.smtp_host, watch.smtp_port and watch.smtp_security."


class Channel(Protocol):
    """A way to tell the operator."""

    name: str

    def send(self, condition: Condition) -> None:
        """Tell of a condition; raises NoticeError where it did not arrive."""
        ...


class MailChannel:
    """Sends mail through an SMTP server."""

    name = "mail"

    def __init__(self, settings: WatchSettings, password: str | None) -> None:
        self._settings, self._password = settings, password
        if not (settings.mail_from and settings.mail_to):
            raise NoticeError("Mail needs watch.mail_from and watch.mail_to beside the server.")
        if settings.smtp_user and not password:
            raise NoticeError("The mail account needs AWAAZ_SMTP_PASSWORD in the environment.")
        if password and settings.smtp_security == "none" and settings.smtp_host not in HERE:
            raise NoticeError(
                "The mail password would travel unencrypted: set watch.smtp_security to starttls"
                " or tls."
            )

    def send(self, condition: Condition) -> None:
        """Send one mail to everybody named."""
        try:
            with self._connect() as server:
                if self._settings.smtp_user and self._password:
                    server.login(self._settings.smtp_user, self._password)
                refused = server.send_message(write_mail(self._settings, condition))
        except smtplib.SMTPAuthenticationError:
            raise NoticeError(
                "The mail server refuses the account: check watch.smtp_user and"
                " AWAAZ_SMTP_PASSWORD."
            ) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise NoticeError(
                f"The mail could not be sent ({type(error).__name__}). {CHECK_MAIL}"
            ) from None
        if refused:
            raise NoticeError(f"The mail server refused {len(refused)} of the addresses.")

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        where = (settings.smtp_host, settings.smtp_port)
        if settings.smtp_security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, timeout=settings.timeout_s, context=context)
        server = smtplib.SMTP(*where, timeout=settings.timeout_s)
        if settings.smtp_security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except (OSError, smtplib.SMTPException):
                server.close()
                raise
        return server


def write_mail(settings: WatchSettings, condition: Condition) -> EmailMessage:
    """Return the mail that tells of a condition."""
    mail = EmailMessage()
    mail["Subject"] = f"awaaz: {condition.name}"
    mail["From"] = settings.mail_from
    mail["To"] = ", ".join(settings.mail_to)
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = make_msgid(domain="awaaz.invalid")
    mail.set_content(f"{condition.says}\n\nYou are told once, until this has cleared.\n")
    return mail


class WebhookChannel:
    """Posts JSON to an address; `text` is what chats show."""

    name = "webhook"

    def __init__(self, url: str, timeout_s: float) -> None:
        parts = urlsplit(url)
        if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)):
            raise NoticeError("AWAAZ_WEBHOOK_URL must begin with https://.")
        self._url, self._timeout_s = url, timeout_s

    def send(self, condition: Condition) -> None:
        """Post one message; whatever is not 2xx has not taken it."""
        import httpx  # noqa: PLC0415  # a sixth of a second, and a notice is rare

        message = {"text": f"awaaz: {condition.says}", "condition": condition.name}
        try:
            answer = httpx.post(
                self._url, json=message, timeout=self._timeout_s, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NoticeError(
                f"The webhook could not be reached ({type(error).__name__})."
                " Check AWAAZ_WEBHOOK_URL."
            ) from None
        if not answer.is_success:
            raise NoticeError(
                f"The webhook did not take the message ({answer.status_code})."
                " Check AWAAZ_WEBHOOK_URL."
            )


def open_channels(settings: WatchSettings, secrets: Secrets) -> Sequence[Channel]:
    """Return the ways that are set up; raises NoticeError where one is set up by half."""
    channels: list[Channel] = []
    if settings.smtp_host:
        password = secrets.smtp_password
        channels.append(MailChannel(settings, password.get_secret_value() if password else None))
    if secrets.webhook_url is not None:
        channels.append(WebhookChannel(secrets.webhook_url.get_secret_value(), settings.timeout_s))
    return channels
