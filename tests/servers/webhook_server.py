"""A chat's webhook on this machine: keeps what it is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

PATH = "/hooks/invented-hook-key-7741"


class WebhookServer:
    """Takes JSON at `url`; answers with `status`."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.webhook = self
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        """The address to post to."""
        return f"http://127.0.0.1:{self._http.server_port}{PATH}"


class _Http(ThreadingHTTPServer):
    webhook: WebhookServer
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        webhook = self.server.webhook
        status = webhook.status if self.path == PATH else 404
        if status == 200:
            webhook.told.append(json.loads(body))
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", f"{webhook.url}/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()
