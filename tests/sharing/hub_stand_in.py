"""A small stand-in for the hub's HTTP interface: what create_repo, create_commit and snapshot_download call."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_right"


class StandIn:
    """A hub in memory.

    Attributes:
        repos: by "user/name": "private", "sha" and "files", bytes by path.
        calls: (method, path) of each request.
        sizes: sizes that it states in place of the files' own, by path.
        read_only: whether a token may only read.
    """

    def __init__(self) -> None:
        self.repos: dict[str, dict[str, Any]] = {}
        self.blobs: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.sizes: dict[str, int] = {}
        self.read_only = False
        stand_in = self

        class Handler(_Handler):
            hub = stand_in

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def add(self, repo: str, files: dict[str, bytes], private: bool = False) -> None:
        """A repository with these files."""
        self.repos[repo] = {"private": private, "files": files, "sha": ""}
        self.seal(repo)

    def seal(self, repo: str) -> str:
        """The commit's hash, which depends on the contents."""
        files = self.repos[repo]["files"]
        text = repr(sorted((name, hashlib.sha256(data).hexdigest()) for name, data in files.items()))
        self.repos[repo]["sha"] = hashlib.sha1(text.encode()).hexdigest()
        return str(self.repos[repo]["sha"])

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: StandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: Any = b"", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", headers.pop("length", str(len(data))))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _begin(self) -> tuple[str, bytes]:
        path = unquote(urlsplit(self.path).path)
        self.hub.calls.append((self.command, path))
        return path, self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _repo(self, name: str) -> dict[str, Any] | None:
        """The repository, if the caller may see it; otherwise the hub's answer."""
        repo = self.hub.repos.get(name)
        if repo is None or (repo["private"] and not self._known()):
            self._answer(404 if self._known() else 401, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
            return None
        return repo

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path, _ = self._begin()
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path):
            self._listing(*match.groups())
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(*match.groups())
        else:
            self._answer(404)

    def _listing(self, name: str, kind: str | None, revision: str | None) -> None:
        repo = self._repo(name)
        if repo is None:
            return
        if revision not in (None, "main", repo["sha"]):
            self._answer(404, {"error": "Invalid rev"}, X_Error_Code="RevisionNotFound")
            return
        sizes = {file: self.hub.sizes.get(file, len(data)) for file, data in repo["files"].items()}
        if kind == "tree":
            entries = [{"type": "file", "path": f, "size": size, "oid": "0" * 40} for f, size in sizes.items()]
            self._answer(200, entries)
            return
        siblings = [{"rfilename": file, "size": size, "blobId": "0" * 40} for file, size in sizes.items()]
        self._answer(200, {"id": name, "sha": repo["sha"], "private": repo["private"], "siblings": siblings})

    def _file(self, name: str, revision: str, file: str) -> None:
        repo = self._repo(name)
        if repo is None:
            return
        data = repo["files"].get(file)
        if data is None:
            self._answer(404, {"error": "Entry not found"}, X_Error_Code="EntryNotFound")
            return
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        self._answer(200, data, ETag=etag, X_Repo_Commit=repo["sha"], length=str(len(data)))

    def do_PUT(self) -> None:
        path, body = self._begin()
        self.hub.blobs[path.rpartition("/")[2]] = body
        self._answer(200)

    def do_POST(self) -> None:
        path, body = self._begin()
        if path == "/api/validate-yaml":
            self._answer(200, {"errors": [], "warnings": []})
            return
        if not self._known() or self.hub.read_only:
            self._answer(403 if self._known() else 401, {"error": "You don't have the rights"})
            return
        if path == "/api/repos/create":
            self._create(json.loads(body))
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/preupload/main", path):
            asked = json.loads(body)["files"]
            modes = [{"path": f["path"], "uploadMode": _mode(f["path"]), "shouldIgnore": False} for f in asked]
            self._answer(200, {"files": modes})
        elif path.endswith("/info/lfs/objects/batch"):
            objects = json.loads(body)["objects"]
            for entry in objects:
                entry["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{entry['oid']}", "header": {}}}
            self._answer(200, {"transfer": "basic", "objects": objects})
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/commit/main", path):
            self._commit(match[1], [json.loads(line) for line in body.splitlines()])
        else:
            self._answer(404)

    def _create(self, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else asked["name"]
        if name in self.hub.repos:
            self._answer(409, {"error": "You already created this model repo", "url": f"{self.hub.url}/{name}"})
            return
        private = asked.get("private") or asked.get("visibility") == "private"
        self.hub.add(name, {".gitattributes": b""}, bool(private))
        self._answer(200, {"url": f"{self.hub.url}/{name}"})

    def _commit(self, name: str, lines: list[dict[str, Any]]) -> None:
        files = self.hub.repos[name]["files"]
        for line in lines:
            value = line["value"]
            if line["key"] == "deletedFile":
                del files[value["path"]]
            elif line["key"] == "lfsFile":
                files[value["path"]] = self.hub.blobs[value["oid"]]
            elif line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
        sha = self.hub.seal(name)
        self._answer(200, {"commitUrl": f"{self.hub.url}/{name}/commit/{sha}", "commitOid": sha})


def _mode(path: str) -> str:
    return "lfs" if path.endswith(".safetensors") else "regular"
