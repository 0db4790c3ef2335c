"""From an article's form to the next one of the list that its editor came from."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from articles.models import Article, Mark
from tests.admin.forms import form_data
from tests.factories import make_articles, make_provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def articles():
    """Five articles of an outlet, the newest first, which wait in triage; and one of another outlet among them."""
    outlet = make_provider("a.example")
    made = make_articles([{"title": f"A{n}", "provider": outlet, "published": False} for n in range(5)])
    other = make_articles([{"title": "Other", "published": False}])
    for article in [*made, *other]:
        Mark.objects.create(article=article)
    return sorted(made, key=lambda article: -article.pk)


def address(article, query):
    return f"{reverse('admin:articles_article_change', args=[article.pk])}?{query}"


def steps(page):
    """Return the ids of the articles that the page leads to, by key."""
    found = re.findall(r'data-step="(\w)" href="/admin/articles/article/(\d+)/change/\?([^"]+)"', page.content.decode())
    return {key: int(pk) for key, pk, _ in found}


LISTS = [
    f"triage={quote('mark=new&outlet=a.example')}",
    f"_changelist_filters={quote('q=a.example&o=-1')}",  # by title, which is by id here
]


@pytest.mark.parametrize("query", LISTS, ids=["triage", "the admin's list"])
def test_every_article_leads_to_its_neighbours_of_the_filtered_list(editor_client, articles, query):
    keys = [article.pk for article in articles]
    for n, article in enumerate(articles):
        expected = {"k": keys[n - 1] if n else None, "j": keys[n + 1] if n < 4 else None}
        page = editor_client.get(address(article, query))

        assert steps(page) == {key: pk for key, pk in expected.items() if pk}, n
        assert ("The last of the list" in page.content.decode()) == (n == 4)


@pytest.mark.parametrize("query", LISTS, ids=["triage", "the admin's list"])
def test_save_then_next_goes_through_the_list_though_what_is_decided_leaves_it(editor_client, articles, query):
    at, seen = address(articles[0], query), []
    for _ in range(5):
        page = editor_client.get(at)
        seen.append(page.context["original"].pk)
        button = re.search(r'name="_next" value="(\d+)"', page.content.decode())
        name, value = ("_next", button[1]) if button else ("_continue", "1")
        at = editor_client.post(at, form_data(page) | {"published": "on", name: value}).url
        assert query.partition("=")[0] in at

    assert seen == [article.pk for article in articles]
    assert Article.objects.filter(published=True).count() == 5


def test_saving_leads_back_to_the_place_in_triage(editor_client, articles):
    at = address(articles[1], LISTS[0])
    response = editor_client.post(at, form_data(editor_client.get(at)) | {"_save": "1"})

    assert response.url == f"/admin/desk/triage/?mark=new&outlet=a.example#a{articles[1].pk}"
    assert f"?triage={quote('mark=new&outlet=a.example')}" in editor_client.get(response.url).content.decode()


@pytest.mark.parametrize(
    "query", ["triage=", "triage=mark%3D%00x", "triage=" + "x" * 5000, "_changelist_filters=p%3Dx", "triage=after%3D9",
              "_changelist_filters=source__id__exact%3Dx", "_changelist_filters=password%3Dx", "_changelist_filters="]
)  # fmt: skip
def test_a_list_that_does_not_exist_leads_nowhere_and_is_no_error(editor_client, articles, query):
    assert editor_client.get(address(articles[0], query)).status_code == 200
