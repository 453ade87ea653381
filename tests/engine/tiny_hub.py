"""A hub on this machine that serves folders as repositories, as far as a download asks."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
TOKEN = "hf_tests"


@dataclass
class TinyHub:
    """What is served, and what was asked."""

    models: dict[str, Path]
    """Folders by `owner/name`."""
    gated: set[str] = field(default_factory=set)
    """Those that want the token."""
    address: str = ""
    commit: str = COMMIT
    held: str = ""
    """End of the path of a file of which only the first half is sent until `go_on` is set."""
    go_on: threading.Event = field(default_factory=threading.Event)
    sent: list[str] = field(default_factory=list)
    """Paths of the files that were sent, in the order in which they were asked for."""
    peeked: list[str] = field(default_factory=list)
    """Paths of the files of which only the beginning was sent."""


@contextmanager
def tiny_hub(**models: Path) -> Iterator[TinyHub]:
    """Serve folders as `tests/NAME`."""
    hub = TinyHub({f"tests/{name}": folder for name, folder in models.items()})

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self._serve(with_body=False)

        def do_GET(self) -> None:
            self._serve(with_body=True)

        def _serve(self, *, with_body: bool) -> None:
            path = unquote(urlsplit(self.path).path)
            model = next((name for name in hub.models if f"/{name}" in path), "")
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            is_info = path == f"/api/models/{model}" or "/revision/" in path
            if not model:
                self._answer(401, b"", {"X-Error-Code": "RepoNotFound"})
            elif "/revision/" in path and not path.endswith((hub.commit, "main")):
                self._answer(404, b"", {"X-Error-Code": "RevisionNotFound"})
            elif model in hub.gated and not allowed and not is_info:
                self._answer(403, b"", {"X-Error-Code": "GatedRepo"})
            elif path.startswith("/api/"):
                self._answer(200, _listing(model, hub, tree="/tree/" in path))
            else:
                name = path.partition("/resolve/")[2].partition("/")[2]
                self._file(hub.models[model] / name, name, with_body=with_body)

        def _file(self, file: Path, name: str, *, with_body: bool) -> None:
            data = file.read_bytes()
            headers = {"ETag": f'"{_hash(data)}"', "X-Repo-Commit": hub.commit}
            if not with_body:
                self._answer(200, data, headers, with_body=False)
                return
            asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if asked:
                hub.peeked.append(name)
                self._answer(206, data[int(asked[1]) : int(asked[2]) + 1])
                return
            hub.sent.append(name)
            self.send_response(200)
            for key, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(key, value)
            self.end_headers()
            middle = len(data) // 2 if hub.held and name.endswith(hub.held) else len(data)
            try:
                self.wfile.write(data[:middle])
                self.wfile.flush()
                if middle < len(data):
                    hub.go_on.wait()
                self.wfile.write(data[middle:])
            except OSError:
                pass  # nobody reads it any more

        def _answer(
            self,
            code: int,
            body: bytes,
            headers: dict[str, str] | None = None,
            *,
            with_body: bool = True,
        ) -> None:
            self.send_response(code)
            for key, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(key, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _listing(model: str, hub: TinyHub, *, tree: bool) -> bytes:
    folder = hub.models[model]
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    rows = []
    for path in files:
        name, size = path.relative_to(folder).as_posix(), path.stat().st_size
        blob = _hash(path.read_bytes())
        if tree:
            rows.append({"type": "file", "path": name, "size": size, "oid": blob})
        else:
            rows.append({"rfilename": name, "size": size, "blobId": blob})
    if tree:
        return json.dumps(rows).encode()
    return json.dumps({"id": model, "sha": hub.commit, "siblings": rows}).encode()


def _hash(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
