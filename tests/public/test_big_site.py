"""Every page of a big site: its cost in queries, and what it never shows."""

import pytest

from articles.models import Article, ArticleImage, RelatedLink
from articles.search import index as search_index
from tests.factories import make_articles, make_provider, make_stories, make_topic
from tests.public.pages import all_pages, text

pytestmark = pytest.mark.django_db
BUDGETS = {"/search/?q=": 10}  # queries, by how an address begins; 8 for all others


@pytest.fixture(scope="module")
def lead(module_db):
    """Return the lead of one of forty stories, each with four more articles, a link and a picture."""
    harbour = make_topic("Harbour")
    topics = [harbour, make_topic("Tides", parent=harbour)]
    providers = [make_provider(f"{n}.example") for n in range(40)]
    articles = make_articles(
        {"title": f"Ferries {n}", "topics": topics, "provider": providers[n % 40]} for n in range(200)
    )
    stories = make_stories([articles[n::40] for n in range(40)])
    RelatedLink.objects.bulk_create(
        RelatedLink(story=story, title="Out", web_url="https://o.example/", provider=story.lead.provider)
        for story in stories
    )
    ArticleImage.objects.bulk_create(
        ArticleImage(article=story.lead, url="https://i.example/a.jpg", file="pictures/a.webp") for story in stories
    )
    search_index.refresh()  # as the importer leaves it
    return Article.objects.select_related("source", "provider", "story__lead").get(pk=articles[0].pk)


def test_no_page_costs_more_queries_than_its_budget(client, lead, django_assert_max_num_queries):
    for address in all_pages(lead):
        budget = next((number for start, number in BUDGETS.items() if address.startswith(start)), 8)
        with django_assert_max_num_queries(budget, info=address):
            assert client.get(address).status_code == 200


def test_every_list_has_cards(client, lead):
    for address in ("/", "/?order=heat", "/topics/tides/", lead.provider.get_absolute_url(), "/search/?q=Ferries"):
        assert 'class="card' in text(client.get(address)), address


def test_no_page_shows_secured_text(client, lead):
    for address in all_pages(lead):
        assert "secured" not in text(client.get(address)), address
