"""A mail server on this machine: SMTP with logins and TLS, and its faults on request."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "watch@awaaz.invalid", "invented-mail-password-51"


class Mailbox:
    """What has arrived, and what the server is to say instead of taking it."""

    def __init__(self, *, wrapped: bool) -> None:
        self._wrapped = wrapped
        self.mails: list[Message] = []
        self.recipients: list[list[str]] = []
        self.says = "250 Taken"
        self.logins = 0
        self.encrypted: list[bool] = []

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take a mail."""
        if self.says.startswith("2"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content))
            self.recipients.append(list(envelope.rcpt_tos))
            self.encrypted.append(self._wrapped or session.ssl is not None)
        return self.says

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _method: str, given: object
    ) -> AuthResult:
        """Let in who has the password."""
        assert isinstance(given, LoginPassword)
        good = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        self.logins += good
        return AuthResult(success=good, handled=False)


def unused_port() -> int:
    """Return a port at which nobody listens; the controller must be told one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Return a server's TLS context and the file of the authority that vouches for it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return context, path


@contextmanager
def serve_mail(
    starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[Mailbox, int]]:
    """Yield a mailbox and the port at which it takes mail."""
    box, port = Mailbox(wrapped=tls is not None), unused_port()
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        ssl_context=tls,
        tls_context=starttls,
        authenticator=box.authenticate,
        auth_require_tls=starttls is not None,
    )
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
