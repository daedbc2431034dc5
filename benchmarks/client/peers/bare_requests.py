"""Plain requests."""

from __future__ import annotations

from typing import Any

import requests
import workload


class Blocking:
    def __init__(self, address: str, roots: str | None) -> None:
        self._address = f"{address}/v1"
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {workload.KEY}"
        if roots is not None:
            self._session.verify = roots

    def create(self) -> Any:
        return self._post("/memories", workload.MEMORY)

    def list(self, count: int) -> Any:
        parameters = {"limit": count, "offset": 0}
        url = f"{self._address}/memories"
        return _data(self._session.get(url, params=parameters, timeout=30))

    def search(self) -> Any:
        return self._post("/search", workload.SEARCH)["results"]

    def search_by_vector(self, embedding: Any) -> Any:
        return self._post("/search", workload.by_vector(embedding))["results"]

    def _post(self, path: str, body: Any) -> Any:
        return _data(self._session.post(self._address + path, json=body, timeout=30))

    def close(self) -> None:
        self._session.close()


def _data(response: requests.Response) -> Any:
    response.raise_for_status()
    return response.json()["data"]
