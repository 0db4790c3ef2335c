"""An entry of a feed keeps its name whatever happens to its story, and is updated when readers see a change."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from django.utils import timezone

from articles.models import Article
from articles.stories import editing, undo
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_provider, make_story
from tests.syndication.reading import NAMES, items

pytestmark = pytest.mark.django_db


def guids(client):
    return [item["id"] for item in items(client)]


def test_the_name_of_an_entry_is_a_tag_uri_of_the_site(client):
    article = make_article()

    assert guids(client) == [f"tag:localhost,2026:article/{article.pk}"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Other"},
        {"stem": "2026-01-01-other"},
        {"web_url": "https://other.example/"},
        {"excerpt": "Other"},
        {"published_at": datetime(2026, 1, 1, tzinfo=UTC)},
        {"quality": 99},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_an_entry_stays_when_its_article_is_edited(client, name, change):
    article = make_article()
    before = [entry.id for entry in feedparser.parse(client.get("/feeds/atom.xml").content).entries]
    for field, value in change.items():
        setattr(article, field, value)
    article.provider = make_provider("other.example")
    article.save()

    response = client.get(f"/feeds/{name}")

    after = [item["id"] for item in response.json()["items"]] if name == "feed.json" else None
    assert (after or [entry.id for entry in feedparser.parse(response.content).entries]) == before


def test_the_name_of_an_entry_stays_when_the_site_moves(client, settings):
    make_article()
    before = guids(client)

    settings.NEWSROOM_BASE_URL = "https://moved.example"

    assert guids(client) == before


def test_the_name_of_an_entry_stays_when_the_lead_changes(client, editor):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    before = guids(client)

    editing.set_lead(member, editor)

    assert [item["title"] for item in items(client)] == ["member"]
    assert guids(client) == before


def test_the_name_of_an_entry_stays_when_another_article_joins_and_leads(client, editor):
    alone = make_article("alone", quality=70)
    before = guids(client)
    better = make_article("better", quality=90, published=False)

    editing.gather([alone, better], editor)
    better.refresh_from_db()
    editing.set_lead(better, editor)

    assert [item["title"] for item in items(client)] == ["better"]
    assert guids(client) == before


def test_merged_stories_keep_the_older_entry_and_undoing_brings_both_back(client, editor):
    older, newer = (make_story(make_article(), make_article()) for _ in range(2))
    before = guids(client)
    first = f"tag:localhost,2026:article/{older.lead_id}"

    for into, other in ((older, newer), (newer, older)):
        action = editing.merge(into, [other], editor)
        assert guids(client) == [first]
        undo.undo(action, editor)
        assert guids(client) == before


def test_an_article_split_from_a_story_has_an_entry_of_its_own(client, editor):
    lead, *members = (make_article() for _ in range(3))
    make_story(lead, *members)
    before = guids(client)

    editing.split([members[1]], editor)

    assert len(set(guids(client))) == 2
    assert set(before) < set(guids(client))


def test_an_entry_is_updated_when_readers_see_a_change(client):
    article = make_article()
    before = items(client)[0]["date_modified"]

    Article.objects.filter(pk=article.pk).update(updated_at=timezone.now() - timedelta(days=2))
    earlier = items(client)[0]["date_modified"]
    article.title = "Other"
    article.save()
    later = items(client)[0]["date_modified"]

    assert earlier < before <= later


def test_an_import_that_changes_scores_only_updates_no_entry():
    import_files([make_file("a", heat=60)])
    Article.objects.update(updated_at=datetime(2026, 11, 2, tzinfo=UTC))

    import_files([make_file("a", heat=99, quality=90)])
    assert Article.objects.get().heat == 99
    assert Article.objects.get().updated_at == datetime(2026, 11, 2, tzinfo=UTC)

    import_files([make_file("a", heat=99, quality=90, title="Other")])
    assert Article.objects.get().updated_at > datetime(2026, 11, 3, tzinfo=UTC)


def test_an_entry_is_updated_when_an_editor_writes_its_headline(client, editor):
    lead = make_article()
    story = make_story(lead, make_article())
    Article.objects.update(updated_at=lead.published_at)
    before = items(client)[0]["date_modified"]

    editing.write(story, "Our own", "", editor)

    assert items(client)[0]["date_modified"] > before
    assert items(client)[0]["title"] == "Our own"
