"""A loopback server that speaks as much of the Hugging Face Hub as opening a model asks for.

Files of a repository are a folder's. As huggingface_hub 2 reads it: HEAD and GET under
/OWNER/NAME/resolve/REVISION/PATH with ETag, Content-Length and X-Repo-Commit; a refusal with
X-Error-Code; /api/models/OWNER/NAME and its tree.
"""

import hashlib
import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.servers.loopback import Handler, Loopback

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer(Loopback):
    """Serves `repositories`, folders by OWNER/NAME, while entered."""

    def __init__(self, repositories: dict[str, Path]) -> None:
        self.repositories = repositories
        self.asked: list[str] = []
        """Method and path of every request."""
        self.listen(_Handler, hub=self)


class _Handler(Handler):
    hub: HubServer

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path).strip("/")
        self.hub.asked.append(f"{self.command} /{path}")
        api = path.startswith("api/models/")
        parts = path.removeprefix("api/models/").split("/")
        folder = self.hub.repositories.get("/".join(parts[:2]))
        if folder is None:
            self.refuse("RepoNotFound", "Repository not found", body=body)
        elif api:
            self.describe(folder, parts[2:], body=body)
        elif len(parts) > 4 and parts[2] == "resolve":
            self.send_file(folder / "/".join(parts[4:]), body=body)
        else:
            self.refuse("EntryNotFound", "Entry not found", body=body)

    def send_file(self, path: Path, *, body: bool) -> None:
        if not path.is_file():
            self.refuse("EntryNotFound", "Entry not found", body=body)
            return
        content = path.read_bytes()
        etag = hashlib.sha256(content).hexdigest()
        self.reply(200, content, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, body=body)

    def describe(self, folder: Path, rest: list[str], *, body: bool) -> None:
        files = sorted(p for p in folder.iterdir() if p.is_file())
        if rest[:1] == ["tree"] and len(rest) > 2:
            self.refuse("EntryNotFound", "No such folder", body=body)
            return
        tree = [
            {"type": "file", "path": p.name, "size": p.stat().st_size, "oid": ""} for p in files
        ]
        info = {"id": "model", "sha": COMMIT, "siblings": [{"rfilename": p.name} for p in files]}
        told = json.dumps(tree if rest[:1] == ["tree"] else info | {"tags": [], "private": False})
        self.reply(200, told.encode(), {"Content-Type": "application/json"}, body=body)

    def refuse(self, code: str, message: str, *, body: bool) -> None:
        told = json.dumps({"error": message}).encode()
        headers = {"X-Error-Code": code, "X-Error-Message": message, "X-Repo-Commit": COMMIT}
        status = 401 if code == "RepoNotFound" else 404  # the Hub does not say what is private
        self.reply(status, told, headers, body=body)

    def reply(self, status: int, content: bytes, headers: dict[str, str], *, body: bool) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)
