"""The description of the JSON API for machines (OpenAPI 3.1)."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import JsonResponse

from .parameters import json_view

DESCRIPTION = Path(__file__).parent / "openapi.json"
INDEX = "index.json"


@json_view
def openapi(request):
    """Describe this API for machines."""
    servers = [{"url": settings.NEWSROOM_BASE_URL, "description": settings.NEWSROOM_SITE_NAME}]
    return JsonResponse({**_description(), "servers": servers})


@cache
def _description():
    """Return the file's description, with each address also as a folder, and below each site."""
    description = json.loads(DESCRIPTION.read_text())
    folders = {
        path.removesuffix(INDEX): _operation(methods, "Folder")
        for path, methods in description["paths"].items()
        if path.endswith(INDEX)
    }
    paths = description["paths"] | folders
    of_sites = {f"/{{source}}{path}": _operation(methods, "OfSite", "source") for path, methods in paths.items()}
    return {**description, "paths": paths | of_sites}


def _operation(methods, suffix, *parameters):
    """Return the methods of an address under another name, with more parameters."""
    get = methods["get"]
    more = [{"$ref": f"#/components/parameters/{name}"} for name in parameters]
    return {"get": {**get, "operationId": get["operationId"] + suffix, "parameters": [*more, *get["parameters"]]}}
