"""A browser for tests: asks an ASGI application without a socket, and keeps its cookies."""

import asyncio
from typing import Any

import httpx
from starlette.types import ASGIApp


class Client:
    """What httpx's own client does, one request after the other, with an application instead of a server."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        self.app = app
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://scripta.test", **options)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, address: str, **options: Any) -> httpx.Response:
        return self.request("GET", address, **options)

    def post(self, address: str, **options: Any) -> httpx.Response:
        return self.request("POST", address, **options)

    def delete(self, address: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", address, **options)

    def request(self, method: str, address: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, address, **options))
