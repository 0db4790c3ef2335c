"""Whatever an address or a form says, the admin answers: with a page, a redirect or a refusal, never with an error."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from tests.admin import everything

pytestmark = pytest.mark.django_db

# Values that no page of ours sends, by their kind.
ODD = {
    "empty": "",
    "letters": "x",
    "below zero": "-1",
    "zero": "0",
    "beyond 63 bits": str(2**63),
    "beyond 64 bits": "9" * 30,
    "of 5,000 digits": "9" * 5000,
    "a fraction": "1.5",
    "not a number": "nan",
    "a superscript": "²",
    "digits of another script": "١٢",
    "NUL": "\0",
    "NUL within": "1\0",
    "NUL, quoted": "_00",
    "an underscore, quoted": "_5F",
    "half a quotation": "_5",
    "quotes": "'\"",
    "a pattern": "(a+)+$",
    "no date": "2026-02-30",
    "a list": "1,2,x",
    "a query of its own": "a=%00&id__exact=x",
    "half a surrogate pair": b"\xed\xa0\x80".decode("latin-1"),
    "words by the thousand": "a " * 3000,
    "one long word": "%_" * 40_000,
}
# Parameters that Django's admin and ours read, besides those of filters.
NAMES = [
    "p", "o", "q", "all", "_popup", "_to_field", "_changelist_filters", "term", "app_label", "model_name",
    "field_name", "next", "id__exact", "published_at", "_facets", "_source_model",
]  # fmt: skip
OF_LISTS = ["p", "o", "q", "_popup", "_to_field", "_changelist_filters"]
LONG = ["words by the thousand", "one long word"]  # only in searches and forms: an address is never that long
SHORT = [name for name in ODD if name not in LONG]
QUICK = ["beyond 63 bits", "NUL"]  # on SQLite and on PostgreSQL these say most


def quick_and_slow(names):
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names]


@pytest.fixture(scope="module")
def rows(module_db):
    return everything.make_rows()


@pytest.fixture
def client(rows):
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root"))
    return client


def failed(client, method, address, data=None):
    """Return what was asked if that was answered with an error, else nothing."""
    status = getattr(client, method)(address, data).status_code
    return [(method, address[:80], str(data)[:40], status)] if status >= 500 else []


def names_of(model):
    """Return the parameters that filter the list of a model."""
    model_admin = admin.site._registry[model]
    return sorted(name for name in model_admin._parameters(None))


@pytest.mark.attack(11)
@pytest.mark.parametrize("kind", quick_and_slow(SHORT))
def test_an_odd_id_is_never_an_error(client, kind):
    """In the address of any page about a row."""
    routes = [route for route in everything.routes() if everything.GAP.search(route)]
    assert len(routes) > 70

    asked = [(method, everything.address(route, ODD[kind])) for route in routes for method in ("get", "post")]
    assert [error for method, address in asked for error in failed(client, method, address)] == []


@pytest.mark.attack(11)
@pytest.mark.parametrize("kind", quick_and_slow(SHORT))
def test_an_odd_parameter_is_never_an_error(client, rows, kind):
    """All parameters at once of any page; of the most telling values each parameter of each list too."""
    value, errors = ODD[kind], []
    for route in everything.routes():
        model = everything.model_of(route)
        address = everything.address(route, rows[model].pk if model else "1")
        errors += failed(client, "get", address, dict.fromkeys(NAMES, value))
        is_list = model and route.endswith(f"/{model._meta.model_name}/")
        for name in [*names_of(model), *OF_LISTS] if is_list and kind in QUICK else ():
            errors += failed(client, "get", address, {name: value})
    assert not errors, errors


@pytest.mark.attack(11)
@pytest.mark.parametrize("kind", LONG)
def test_a_search_may_be_of_any_length(client, kind):
    lists = [everything.address(f"{model._meta.label_lower.replace('.', '/')}/", "") for model in admin.site._registry]
    choice = {"app_label": "articles", "model_name": "boost", "field_name": "article"}

    errors = [error for address in lists for error in failed(client, "get", address, {"q": ODD[kind]})]
    assert errors + failed(client, "get", "/admin/autocomplete/", {**choice, "term": ODD[kind]}) == []


@pytest.mark.attack(11)
@pytest.mark.parametrize("kind", quick_and_slow(ODD))
def test_an_odd_choice_in_a_list_is_never_an_error(client, kind):
    """Of rows, and of an action."""
    value, errors = ODD[kind], []
    for model, model_admin in admin.site._registry.items():
        address = everything.address(f"{model._meta.label_lower.replace('.', '/')}/", "")
        for action in [*(model_admin.actions or ()), "delete_selected", value]:
            chosen = {"action": action, "_selected_action": [value, "1"], "index": "0"}
            errors += failed(client, "post", address, chosen)
        errors += failed(client, "post", address, {**chosen, "index": value, "select_across": value})
    assert not errors, errors


@pytest.mark.attack(11)
@pytest.mark.parametrize("kind", quick_and_slow(ODD))
def test_an_odd_value_in_a_form_is_never_an_error(client, rows, kind):
    """In all fields of any form at once; the counts of its rows stay, so that they are read."""
    value, errors = ODD[kind], []
    for route in everything.routes():
        model = everything.model_of(route)
        address = everything.address(route, rows[model].pk if model else "1")
        page = client.get(address)
        sent = everything.fields(page) if page.status_code == 200 and not page.streaming else {}
        odd = {name: held if name.endswith("_FORMS") else value for name, held in sent.items()}
        errors += failed(client, "post", address, odd) if "logout" not in route else []
    assert not errors, errors


@pytest.mark.attack(11)
@pytest.mark.parametrize(
    "text",
    ["9" * 5000, "[" * 50_000, '"\\u0000"', '{"a\\u0000": 1}', "NaN", "[-Infinity]", "{", "\0"],
    ids=["digits", "a deep list", "NUL", "NUL in a key", "no number", "no end", "half", "a NUL"],
)
def test_odd_json_is_told_not_an_error(client, text):
    answer = client.post("/admin/articles/topic/add/", {"name": "A", "slug": "a", "services": text})

    assert (answer.status_code, "services" in answer.context["adminform"].form.errors) == (200, True)
