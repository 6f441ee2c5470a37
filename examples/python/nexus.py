"""The few lines that the other examples share: a session with the token, and errors that say what was wrong."""

import os
from pathlib import Path

import requests


def kept(name: str) -> str | None:
    """A file that a running server keeps in its data directory."""
    path = Path(os.environ.get("NEXUS_DATA_DIR", ".nexus"), name)
    return path.read_text().strip() if path.is_file() else None


PORT = os.environ.get("NEXUS_PORT", "3000")
URL = os.environ.get("NEXUS_URL") or kept("server.url") or f"http://127.0.0.1:{PORT}"
TOKEN = os.environ.get("NEXUS_TOKEN") or kept("admin-token")


class Nexus:
    """The REST API below /api. Names are snake_case; a refusal raises with the server's own words."""

    def __init__(self) -> None:
        if not TOKEN:
            raise RuntimeError("There is no access token: start the server (npm start), or set NEXUS_TOKEN.")
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {TOKEN}"

    def __enter__(self) -> "Nexus":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def call(self, method: str, path: str, **request: object) -> dict:
        response = self.session.request(method, f"{URL}/api{path}", timeout=60, **request)
        body = response.json()
        if not response.ok:
            raise RuntimeError(f"{method} {path}: {body['status']} {body['title']}: {body['detail']}")
        return body

    def get(self, path: str, **params: object) -> dict:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: dict) -> dict:
        return self.call("POST", path, json=body)
