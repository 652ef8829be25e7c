"""What every HTTP server of the tests is: a port of this machine, a thread, and a clean end."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1, sends small answers at once, and prints nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


class Loopback:
    """A server that answers while entered, at `url`."""

    def listen(self, handler: type[Handler], **known: object) -> None:
        """Take a port for `handler`, whose attributes `known` tell it whom it serves for."""
        self.stopped = threading.Event()
        """Set at the end: whoever answers slowly stops."""
        self._http = _Http(("127.0.0.1", 0), type(handler.__name__, (handler,), known))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def url(self) -> str:
        """Base address, as in `http://127.0.0.1:1234`."""
        return f"http://127.0.0.1:{self._http.server_port}"


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)
