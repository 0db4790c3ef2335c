"""What strangers and colleagues wrote is text in the admin, wherever it stands."""

from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from articles.models import Issue
from tests.admin import everything, hostile_texts

pytestmark = pytest.mark.django_db
PREVIEW = "articles/issue/<int:pk>/html/"  # a mail's own HTML, in a frame that runs nothing
ROUTES = [route for route in everything.routes() if "logout" not in route and route != PREVIEW]


@pytest.fixture(scope="module")
def rows(module_db):
    rows = everything.make_rows()
    User.objects.create_superuser("root", first_name=hostile_texts.TEXT[:150])
    assert hostile_texts.fill() > 50
    return rows


@pytest.fixture
def client(rows):
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client


class Hostile(HTMLParser):
    """The tags, attributes and addresses of a page that are hostile."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        texts = [f"{name}={value}" for name, value in attributes if "hostile" in name or name.startswith("on")]
        links = [value for name, value in attributes if name in ("href", "src", "action") and value]
        bad = [link for link in links if link.strip().lower().startswith(("javascript:", "data:text", "vbscript:"))]
        self.found += [tag, *texts, *bad] if texts or bad or tag == "hostile-tag" else []


@pytest.mark.attack(16)
@pytest.mark.parametrize("route", ROUTES)
def test_hostile_text_is_shown_as_text(client, rows, route):
    model = everything.model_of(route)

    page = client.get(everything.address(route, rows[model].pk if model else 1))

    assert page.status_code < 500
    assert page.streaming or Hostile(page.content.decode()).found == []


@pytest.mark.attack(16)
def test_the_preview_of_a_mail_runs_nothing(client, rows):
    policy = client.get(everything.address(PREVIEW, rows[Issue].pk))["Content-Security-Policy"]

    assert {"sandbox", "default-src 'none'"} <= {part.strip() for part in policy.split(";")}


@pytest.mark.attack(16)
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_hostile_text_is_shown_as_text_in_messages(client, rows, model):
    """After each action on a list, and where it asks again."""
    request = client.get("/admin/").wsgi_request
    address = everything.address(model._meta.label_lower.replace(".", "/") + "/", "")
    for action in admin.site._registry[model].get_actions(request):
        answer = client.post(address, {"action": action, "_selected_action": rows[model].pk, "index": "0"}, follow=True)

        assert answer.streaming or Hostile(answer.content.decode()).found == []  # a file is no page
