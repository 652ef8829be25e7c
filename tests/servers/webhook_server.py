"""A chat's webhook on this machine: keeps what it is told."""

import json
from typing import Any

from tests.servers.loopback import Handler, Loopback

PATH = "/hooks/invented-hook-key-7741"


class WebhookServer(Loopback):
    """Takes JSON at `url`; answers with `status`."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        self.listen(_Handler, webhook=self)

    @property
    def url(self) -> str:
        """The address to post to."""
        return f"{super().url}{PATH}"


class _Handler(Handler):
    webhook: WebhookServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        webhook = self.webhook
        status = webhook.status if self.path == PATH else 404
        if status == 200:
            webhook.told.append(json.loads(body))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", f"{webhook.url}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()
