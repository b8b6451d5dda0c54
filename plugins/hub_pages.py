"""The hub's pages in Airflow: what failed, why, and what to do about it.

Every Airflow process reads its plugins; only the web server needs the pages, at the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/renovatiehub"
PAGES = {
    "overzicht": "Overzicht",
    "mislukt": "Mislukt",
    "aansluiting": "Aansluiting",
    "datakwaliteit": "Datakwaliteit",
}


class LazyPages:
    """An ASGI application that is made when it is first asked for something."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._app is None:
            from hub_paginas.app import make_app

            self._app = make_app()
        await self._app(scope, receive, send)


class HubPagesPlugin(AirflowPlugin):
    """Mount the pages and put them in the navigation."""

    name = "renovatiehub"
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": LazyPages(), "url_prefix": PREFIX, "name": "Renovatiehub"},
    ]
    external_views: ClassVar[list[Any]] = [
        {
            "name": title,
            "href": f"{PREFIX.removeprefix('/')}/{page}",
            "destination": "nav",
            "url_route": f"renovatiehub-{page}",
            "category": "browse",
        }
        for page, title in PAGES.items()
    ]
