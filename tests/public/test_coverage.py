"""The coverage below a lead."""

import re
from datetime import UTC, datetime

import pytest

from articles.models import Article, RelatedLink
from tests.factories import make_article, make_provider, make_story
from tests.public.pages import text

pytestmark = pytest.mark.django_db


def test_a_card_shows_its_storys_coverage_with_provider_time_and_link(client):
    lead = make_article("lead")
    member = make_article("member title", provider=make_provider("other.example", name="The Other"))
    make_story(lead, member)

    page = text(client.get("/"))

    item = re.search(r"<li><b>The Other</b>.*?</li>", page, re.S)[0]
    assert f'<a href="{member.web_url}" rel="noopener">member title</a>' in item
    assert "<time datetime=" in item


def test_a_card_shortens_long_coverage_and_the_articles_page_shows_all(client):
    lead = make_article("lead")
    members = [make_article(f"member {n}", quality=50 + n) for n in range(6)]
    make_story(lead, *members)

    front, page = text(client.get("/")), text(client.get(lead.get_absolute_url()))

    assert "All coverage (6)" in front
    assert "member 5" in front
    assert "member 0" not in front
    assert all(f"member {n}" in page for n in range(6))


def test_an_unpublished_draft_is_no_coverage(client):
    lead, draft = make_article("lead"), make_article("draft title")
    make_story(lead, draft)
    Article.objects.filter(pk=draft.pk).update(heat=60, published=False)

    assert "draft title" not in text(client.get("/"))
    assert "draft title" not in text(client.get(lead.get_absolute_url()))


@pytest.mark.parametrize("values", [{"heat": -1}, {"published": True}], ids=["hidden", "published"])
def test_an_article_with_a_future_date_is_no_coverage(client, values):
    lead, member = make_article("lead"), make_article("not yet")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published_at=datetime(2999, 1, 1, tzinfo=UTC), **values)

    for address in ("/", lead.get_absolute_url()):
        assert "not yet" not in text(client.get(address))


def test_a_link_to_a_removed_article_is_no_coverage(client):
    lead, removed = make_article("lead"), make_article(removed=True)
    story = make_story(lead)
    RelatedLink.objects.create(
        story=story, title="Withdrawn", web_url="https://o.example/", provider=lead.provider, target=removed
    )

    for address in ("/", lead.get_absolute_url()):
        assert "Withdrawn" not in text(client.get(address))


def test_external_links_are_coverage(client):
    lead = make_article("lead")
    story = make_story(lead)
    provider = make_provider("other.example", name="The Other")
    RelatedLink.objects.create(story=story, title="Elsewhere", web_url="https://o.example/e f", provider=provider)

    for address in ("/", lead.get_absolute_url()):
        assert '<a href="https://o.example/e%20f" rel="noopener">Elsewhere</a>' in text(client.get(address))


def test_coverage_without_a_web_address_is_text(client):
    lead = make_article("lead")
    story = make_story(lead)
    RelatedLink.objects.create(story=story, title="Elsewhere", web_url="javascript:x", provider=lead.provider)

    for address in ("/", lead.get_absolute_url()):
        page = text(client.get(address))
        assert "</b> Elsewhere</li>" in page
        assert 'href=""' not in page
        assert "javascript:" not in page


def test_coverage_includes_articles_that_have_their_own_card_on_the_page(client):
    lead, member = make_article("The lead"), make_article("The member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    cards = client.get(lead.provider.get_absolute_url()).context["page"].items

    assert {card.title: [item.title for item in card.coverage] for card in cards} == {
        "The lead": ["The member"],
        "The member": ["The lead"],
    }
