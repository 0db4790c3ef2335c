"""A form that a log-out or an old token kept from being saved gives its texts back."""

import pytest
from django.test import Client
from django.urls import reverse

from articles.models import Article
from tests.factories import make_article

pytestmark = pytest.mark.django_db
TYPED = {"title": "Long <b>work</b>", "excerpt": "Of an hour", "initial-title": "Before", "images-TOTAL_FORMS": "7"}


@pytest.fixture
def address():
    return reverse("admin:articles_article_change", args=[make_article().pk])


def check(answer, status=403):
    page = answer.content.decode()
    assert answer.status_code == status
    assert "Nothing was saved" in page
    return ["Long &lt;b&gt;work&lt;/b&gt;" in page, "Of an hour" in page, "Before" in page or ">7<" in page]


def test_a_form_that_is_sent_after_a_log_out_shows_its_texts(client, address):
    answer = client.post(address, TYPED)

    assert check(answer) == [True, True, False]
    assert "You were logged out" in answer.content.decode()
    assert f"/admin/login/?next={address}" in answer.content.decode()


def test_a_form_whose_row_was_deleted_meanwhile_shows_its_texts(admin_client, address):
    Article.objects.all().delete()

    answer = admin_client.post(address, TYPED)

    assert check(answer, 404) == [True, True, False]
    assert "Somebody deleted this article meanwhile." in answer.content.decode()


@pytest.mark.parametrize("origin", ["", "http://testserver"])
def test_a_form_with_an_old_token_shows_its_texts(admin_user, address, origin):
    client = Client(enforce_csrf_checks=True, headers={"Origin": origin} if origin else {})
    client.force_login(admin_user)

    assert check(client.post(address, TYPED)) == [True, True, False]


@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://testserver.evil.example"])
def test_a_form_of_another_site_does_not_show_its_texts(admin_user, address, origin):
    client = Client(enforce_csrf_checks=True, headers={"Origin": origin})
    client.force_login(admin_user)

    assert check(client.post(address, TYPED)) == [False] * 3


def test_a_refused_log_in_shows_no_password():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "ed", "password": "sesame"})

    assert "sesame" not in answer.content.decode()
    assert check(answer) == [False] * 3
