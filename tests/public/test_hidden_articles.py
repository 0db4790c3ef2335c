"""What readers may not see shows nowhere: an article in each hidden state, against each address and mail."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from articles.models import Article, ArticleImage, Boost, Issue, Pin, ProviderImage, RelatedLink, Source
from articles.newsletter.issues import build
from articles.pictures import renditions
from articles.ranking import scoring
from articles.search import index
from tests.addresses import addresses, make_site, routes
from tests.factories import make_article, make_provider, make_source, make_story, make_topic

pytestmark = pytest.mark.django_db
LATER = timezone.now() + timedelta(days=40)
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
STATES = {  # how an article is hidden
    "draft": {"published": False, "heat": None, "quality": 0},
    "unpublished": {"published": False},
    "below-the-threshold": {"published": False, "quality": 1, "heat": 1},
    "scheduled": {"published_at": LATER},
    "scheduled-for-another-century": {"published_at": LATER.replace(year=2999)},
    "removed": {"removed": True},
    "removed-and-unpublished": {"removed": True, "published": False},
    "removed-member": {"removed": True, "published": False, "heat": -1},
    "scheduled-and-unpublished": {"published": False, "published_at": LATER},
    "not-yet-live": {"live_at": LATER},
    "ended": {"ends_at": MOMENT + timedelta(days=1)},
    "withdrawn": {"published": False, "removed": True, "withdrawal_note": "Withdrawn: it was wrong."},
    "member-below-a-hidden-lead": {"published": False, "heat": -1},
}
QUICK = ["draft", "scheduled", "removed-member", "ended", "withdrawn"]  # the others are `slow`
EACH = [state if state in QUICK else pytest.param(state, marks=pytest.mark.slow) for state in STATES]
CANARY = "Zanzibar"  # in each text of what is hidden, and in no other


def make_hidden(site, **state):
    """Store an article that readers may not see, with rows of its own, and each way that something shown refers to it.

    Returns the addresses of its own pages.
    """
    source, provider = make_source("zanzibar"), make_provider("zanzibar.example", name="Zanzibar News")
    root = make_topic("Zanzibar root", slug="zanzibar-root")
    topic = make_topic("Zanzibar topic", slug="zanzibar-topic", parent=root)
    fields = {"source": source, "provider": provider, "topics": [topic, root], "tags": ["Zanzibar"], **state}
    article = make_article(
        "Zanzibar ferries", **{"published_at": MOMENT, "web_url": "https://zanzibar.example/", **fields}
    )
    story = None
    if "heat" in state and state["heat"] == -1 and not state.get("removed"):
        story = make_story(make_article("Zanzibar lead", **fields | {"published": False, "heat": 90}), article)
        Article.objects.filter(pk=article.pk).update(**state)
    link = {"title": "Zanzibar link", "web_url": article.web_url, "provider": provider, "target": article}
    RelatedLink.objects.create(story=site["story"], position=5, **link)
    Pin.objects.create(article=article, reason="Zanzibar", position=1)
    image = {"file": _picture(), "true_width": 8, "true_height": 8, "title": "Zanzibar"}
    images = [ArticleImage.objects.create(article=article, url="https://i.zanzibar.example/", **image)]
    images += [
        ProviderImage.objects.create(provider=provider, url="https://i.zanzibar.example/", source=source, **image)
    ]
    index.refresh()
    return _own_pages(article, story, images)


def _own_pages(article, story, images):
    page, slugs = article.get_absolute_url(), ("zanzibar-root", "zanzibar-topic")
    folders = [*(f"/topics/{slug}/" for slug in slugs), "/providers/zanzibar.example/", "/providers/Zanzibar.EXAMPLE./"]
    found = [page, f"{page}picture.png", f"/why/{article.pk}/", f"/api/news/{article.stem}/"]
    found += [f"{folder}{name}" for folder in folders for name in ("", "rss.xml", "atom.xml", "feed.json")]
    found += ["/providers/zanzibar.example/scorecard/", "/api/news/tags/Zanzibar/"]
    found += [f"/api/news/{slug}/" for slug in slugs] + [f"/zanzibar/api/news/{slug}/" for slug in slugs]
    found += ["/zanzibar/api/news/", "/zanzibar/api/topics/", "/zanzibar/api/newsletters/"]
    found += [renditions.address(image, "320.webp") for image in images[:1]] + [renditions.address(images[1])]
    if story:
        found += [story.get_absolute_url(), f"/stories/{story.pk}-x/", f"/stories/{story.pk}/picture.png"]
    return found


def _picture():
    data = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(data, "PNG")
    return default_storage.save("pictures/z.png", ContentFile(data.getvalue()))


@pytest.fixture(autouse=True)
def media_folder():
    """Keep the folder of the module, which has the site's pictures."""


@pytest.fixture(scope="module")
def site(module_db, tmp_path_factory):
    with override_settings(NEWSROOM_SENDS_MAIL=True, MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        made = make_site()
        Boost.objects.update(until=None)  # so that no page changes while a test runs
        Source.objects.update(heat_weight=0, hot_day_points=0)
        scoring.rescore()  # scores count all of a story's coverage, whoever may see it
        index.refresh()
        yield made


def public_addresses(site):
    """Return an address for each route, and those that look for what is hidden."""
    found = {route: filled[0] for route, filled in addresses(**site).items()}
    found |= {address: address for address in (
        "/search/?q=zanzibar", "/search/?q=ferries", "/search/rss.xml?q=zanzibar", "/search/?q=topic:zanzibar",
        "/search/?q=provider:zanzibar", "/?order=latest", "/?order=heat&period=all", "/providers/", "/api/topics/",
        "/archive/2026/11/20/", "/api/news/?order=heat", "/topics/", "/news-sitemap.xml",
    )}  # fmt: skip
    return found


def answers(client, found):
    """Return the status, the content and the headers that tell of changes, of each address."""
    names = ("ETag", "Last-Modified", "Location", "Link")
    answered = {}
    for route, address in found.items():
        response = client.get(address)
        answered[route] = response.status_code, response.content, [response.get(name) for name in names]
    return answered


@pytest.mark.attack(22)
@pytest.mark.parametrize("state", EACH)
def test_a_hidden_article_changes_no_public_address(client, site, state):
    found = public_addresses(site)
    assert set(found) >= set(routes())
    before = answers(client, found)

    make_hidden(site, **STATES[state])

    after = answers(client, found)
    asked = {route for route, address in found.items() if "zanzibar" in address}  # these repeat what was asked
    told = {route for route, (_, content, _) in after.items() if b"anzibar" in content}
    assert told <= asked
    assert {route for route in found if before[route] != after[route]} <= {"why/<int:pk>/"}  # how scores are made


@pytest.mark.attack(22)
@pytest.mark.parametrize("state", EACH)
def test_nothing_that_only_a_hidden_article_has_is_found(client, site, state):
    pages = make_hidden(site, **STATES[state])

    found = {page: response for page in pages if (response := client.get(page)).status_code != 404}
    assert all(response.status_code == 410 for response in found.values())
    assert list(found) == pages[:1] * ("withdrawal_note" in STATES[state])
    assert all(CANARY.encode() not in response.content for response in found.values())


@pytest.mark.attack(22)
@pytest.mark.parametrize("state", EACH)
def test_no_newsletter_has_a_hidden_article_or_counts_it(site, state):
    day = date(2026, 11, 21)
    with transaction.atomic():
        before = build(day, Issue.Period.DAY)
        transaction.set_rollback(True)

    make_hidden(site, **STATES[state])

    after = build(day, Issue.Period.DAY)
    assert CANARY not in after.subject + after.html + after.text
    assert (after.subject, after.html, after.text) == (before.subject, before.html, before.text)


def test_every_state_is_hidden(site):
    for state in STATES.values():
        with transaction.atomic():
            make_hidden(site, **state)
            assert not Article.objects.shown().filter(source__name="zanzibar").exists()
            assert connection.in_atomic_block
            transaction.set_rollback(True)
