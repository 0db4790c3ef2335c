"""Who may edit articles gets from readers' pages to their forms. Everybody else gets the pages as they always were."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import make_article, make_story

pytestmark = pytest.mark.django_db
TO_A_FORM = re.compile(r'href="(/admin/[^"]+)"')


@pytest.fixture
def pages():
    lead, alone = make_article("Lead", quality=90), make_article("Alone")
    story = make_story(lead, make_article("Member"))
    story.refresh_from_db()
    lead.refresh_from_db()
    return {
        "/": [f"/admin/articles/article/{article.pk}/change/" for article in (lead, alone)],
        alone.get_absolute_url(): [f"/admin/articles/article/{alone.pk}/change/"],
        story.get_absolute_url(): [
            f"/admin/articles/article/{lead.pk}/change/",
            f"/admin/articles/story/{story.pk}/edit/",
        ],
    }


def client_of(**values):
    client, user = Client(), User.objects.create_user("ed", **values)
    client.force_login(user)
    return client, user


def test_an_editor_gets_from_every_page_of_an_article_to_its_form(pages):
    client, user = client_of(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_article"))
    for address, forms in pages.items():
        response = client.get(address)

        assert (response.status_code, TO_A_FORM.findall(response.content.decode())) == (200, forms), address
        assert "private" in response["Cache-Control"], address
        assert all(client.get(form, follow=True).status_code in (200, 403) for form in forms)


@pytest.mark.parametrize("who", ["a stranger", "an old cookie", "a reader's account", "staff without the right"])
def test_everybody_else_gets_the_same_page_that_caches_may_keep(pages, who):
    anonymous, client = Client(), Client()
    if who == "an old cookie":
        client.cookies["sessionid"] = "x" * 32
    elif who != "a stranger":
        client, _ = client_of(is_staff=who.startswith("staff"))
    for address in pages:
        expected, response = anonymous.get(address), client.get(address)

        assert response.content == expected.content
        assert not TO_A_FORM.search(response.content.decode())
        assert "private" not in response.get("Cache-Control", "")
        assert "Cookie" in response["Vary"]
        assert not expected.cookies


def test_a_page_without_a_sessions_cookie_asks_for_no_session(pages, django_assert_max_num_queries):
    for address in pages:
        with django_assert_max_num_queries(20) as queries:
            Client().get(address)

        assert not [query for query in queries if "django_session" in query["sql"] or "auth_user" in query["sql"]]
