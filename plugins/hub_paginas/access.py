"""Who may see and do what, by Airflow's own sign-on; and that a form came from our own page."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, Form, HTTPException
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hub_resources import BEHEER

_FORM_SECONDS = 8 * 3600
# What a text may be: PostgreSQL holds no zero byte.
TEXT = r"^[^\x00]*$"


def may(user: Any, method: str) -> bool:
    """Tell whether a user may see (GET) or do (PUT) what the pages offer."""
    manager: Any = get_auth_manager()
    return bool(manager.is_authorized_custom_view(method=method, resource_name=BEHEER, user=user))


def _reader(user: GetUserDep) -> Any:
    if not may(user, "GET"):
        raise HTTPException(403, "Je hebt geen recht op deze pagina's. Vraag het de beheerder.")
    return user


def _operator(user: Annotated[Any, Depends(_reader)], bewijs: Annotated[str, Form()]) -> Any:
    if not may(user, "PUT"):
        raise HTTPException(403, "Je kan dit zien, maar niet doen. Vraag het een operator.")
    try:
        came_from_us = _serializer().loads(bewijs, max_age=_FORM_SECONDS) == str(user.get_id())
    except BadSignature:
        came_from_us = False
    if not came_from_us:
        raise HTTPException(
            403,
            "Dit formulier is te oud of komt niet van deze pagina. Er is niets gewijzigd. "
            "Open de pagina opnieuw en probeer het nog eens.",
        )
    return user


Reader = Annotated[Any, Depends(_reader)]
Operator = Annotated[Any, Depends(_operator)]


def make_proof(user: Any) -> str:
    """Return what a form of this user must carry."""
    return _serializer().dumps(str(user.get_id()))


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="renovatiehub formulier")
