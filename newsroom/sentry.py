"""Reports of errors to a server that speaks Sentry's protocol, if NEWSROOM_SENTRY_DSN names one."""

from importlib import import_module
from typing import Any

from .logs import request_id
from .masking import mask


def start(dsn: str) -> None:
    """Report errors from now on: the traceback and the request's id. No variables, bodies, cookies, readers."""
    import_module("sentry_sdk").init(  # an extra of its own: it may be missing
        dsn=dsn,
        before_send=without_personal_data,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="newsroom",
        traces_sample_rate=None,
    )


def without_personal_data(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it may leave the site: its route and the request's id stand for the request."""
    kept = {name: _masked(value) for name, value in event.items() if name not in ("request", "user", "breadcrumbs")}
    return {**kept, "tags": {**kept.get("tags", {}), "request": request_id.get()}}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
