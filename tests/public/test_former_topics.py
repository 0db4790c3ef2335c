"""Addresses of topics and outlets that have new ones."""

import pytest

from articles.models import Topic, TopicAlias
from tests.admin.forms import change
from tests.factories import make_article, make_file, make_provider, make_topic
from tests.sync.taxonomies import import_site, topic_files

pytestmark = pytest.mark.django_db

TOPIC_PAGES = [
    "/topics/{}/",
    "/topics/{}/?order=latest&page=1",
    "/topics/{}/rss.xml",
    "/topics/{}/atom.xml",
    "/topics/{}/feed.json",
    "/api/news/{}/index.json",
    "/api/news/{}/page/1/index.json",
    "/site/api/news/{}/index.json",
]


@pytest.fixture
def renamed():
    article = make_file("a", source="site", published=True, quality=80, heat=80, topics=["Weather"])
    import_site(*topic_files(("weather", "Weather")), article)
    import_site(*topic_files(("climate", "Weather")), article)


@pytest.mark.parametrize("page", TOPIC_PAGES)
def test_a_topics_old_address_leads_to_its_new_one(client, renamed, page):
    response = client.get(page.format("weather"))

    assert (response.status_code, response["Location"]) == (301, page.format("climate"))
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("page", TOPIC_PAGES)
def test_an_address_that_no_topic_ever_had_is_not_found(client, renamed, page):
    assert client.get(page.format("winter")).status_code == 404


def test_an_old_address_below_a_site_of_the_same_name_leads_on(client):
    topic = make_topic("Harbour", slug="harbour")
    make_article(topics=[topic])
    topic.slug = "port"
    topic.save()

    response = client.get("/harbour/api/news/harbour/page/1/index.json")

    assert response["Location"] == "/harbour/api/news/port/page/1/index.json"


def test_an_old_address_leads_to_a_topic_that_takes_it(client, renamed):
    import_site(*topic_files(("climate", "Weather"), ("weather", "Seasons")))

    assert client.get("/topics/weather/").context["topic"].name == "Seasons"
    assert not TopicAlias.objects.exists()


def test_an_editors_rename_leads_on(admin_client):
    article = make_file("a", source="site", topics=["Weather"], heat=90, quality=90, published=True)
    import_site(article)
    topic = Topic.objects.get()

    change(admin_client, topic, name="Climate", slug="climate")
    import_site(article, make_file("b", source="site", topics=["Weather"]))

    assert admin_client.get("/topics/weather/")["Location"] == "/topics/climate/"
    assert [str(each) for each in Topic.objects.all()] == ["Climate"]
    assert topic.article_links.count() == 2


def test_a_new_topic_of_an_editor_takes_an_old_name(renamed):
    topic = Topic.objects.get()
    topic.name = "Climate"
    topic.save()

    taker = Topic.objects.create(name="Weather", slug="weather")

    (link,) = taker.article_links.all()
    assert link.name == "Weather"
    assert not topic.article_links.exists()
    assert Topic.objects.ensure(["Weather"])["Weather"] == taker


OUTLET_PAGES = [
    "/providers/{}/",
    "/providers/{}/scorecard/",
    "/providers/{}/scorecard/?period=week",
    "/providers/{}/rss.xml",
]
SPELLINGS = ["Example.ORG", "EXAMPLE.org", "example.org.", "Example.Org."]


@pytest.mark.parametrize("page", OUTLET_PAGES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_other_spellings_of_a_domain_lead_to_its_page(client, page, spelling):
    make_article(provider=make_provider("example.org"))

    response = client.get(page.format(spelling))

    assert (response.status_code, response["Location"]) == (301, page.format("example.org"))


def test_a_domain_in_punycode_leads_to_the_page_of_its_letters(client):
    make_article(provider=make_provider("bücher.example"))

    response = client.get("/providers/xn--bcher-kva.example/")

    assert response["Location"] == "/providers/b%C3%BCcher.example/"
    assert client.get(response["Location"]).status_code == 200
