"""Upgrades of databases that older versions made."""

from hashlib import blake2b

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from articles.frontmatter import read
from articles.models import Action, Article, Conflict, ImportedFile, IssueArticle, Source, Story, Subscriber
from articles.stories import undo
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_file, make_story_files

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def version_0_1():
    """The models of version 0.1, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0001_initial")])
    yield executor.loader.project_state([("articles", "0001_initial")]).apps
    call_command("migrate", verbosity=0)


@pytest.fixture
def first_newsletter():
    """The models of the first version that had a newsletter, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0010_newsletter")])
    yield executor.loader.project_state([("articles", "0010_newsletter")]).apps
    call_command("migrate", verbosity=0)


@pytest.fixture
def story_actions():
    """The models of the last version that recorded only what was done to stories, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0024_accounts")])
    yield executor.loader.project_state([("articles", "0024_accounts")]).apps
    call_command("migrate", verbosity=0)


def test_an_upgrade_keeps_what_editors_did_to_stories_and_its_undo(story_actions):
    model = story_actions.get_model
    source = model("articles", "Source").objects.create(name="harbour")
    one, other = (model("articles", "Story").objects.create(source=source) for _ in range(2))
    model("articles", "Story").objects.filter(pk=other.pk).update(merged_into=one)
    article = model("articles", "Article").objects.create(
        source=source,
        provider=model("articles", "Provider").objects.create(domain="a.example", name="A"),
        stem="news",
        title="News",
        published_at="2026-11-01T12:00:00Z",
        story=one,
    )
    texts = {str(one.pk): ["", "", None, None]}
    model("articles", "StoryAction").objects.create(
        story=one,
        kind="merge",
        before={
            "stories": texts | {str(other.pk): ["", "", None, None]},
            "articles": {str(article.pk): [other.pk, False]},
            "concerned": [article.pk],
        },
        after={
            "stories": texts | {str(other.pk): ["", "", None, one.pk]},
            "articles": {str(article.pk): [one.pk, False]},
        },
    )

    call_command("migrate", verbosity=0)

    action = Action.objects.get()
    assert (str(action), action.story.pk, action.story_articles) == ("merged", one.pk, [article.pk])
    undo.undo(action, None)
    assert Article.objects.get().story_id == other.pk
    assert Story.objects.get(pk=other.pk).merged_into is None


def test_an_upgrade_lets_who_waits_be_forgotten(first_newsletter):
    waiting = first_newsletter.get_model("articles", "Subscriber").objects
    waiting.create(email="never.written.to@example.org", token="1")  # noqa: S106
    waiting.create(email="gone@example.org", token="2", state="unsubscribed")  # noqa: S106

    call_command("migrate", verbosity=0)

    assert [one.email for one in Subscriber.objects.exclude(asked_at=None)] == ["never.written.to@example.org"]


def test_an_upgrade_keeps_the_places_of_an_issue(first_newsletter):
    imported_by_0_1(first_newsletter, [])
    model = first_newsletter.get_model
    article = model("articles", "Article").objects.create(
        source=model("articles", "Source").objects.get(),
        provider=model("articles", "Provider").objects.get(),
        stem="news",
        title="News",
        published_at="2026-11-01T12:00:00Z",
    )
    issue = model("articles", "Issue").objects.create(date="2026-11-02")
    model("articles", "IssueArticle").objects.create(issue=issue, article=article, position=1)

    call_command("migrate", verbosity=0)

    assert IssueArticle.objects.get().article.title == "News"


def imported_by_0_1(apps, files, title="Written by an editor"):
    """What version 0.1 made of the files of one story, its first article's title changed by an editor."""
    model = {
        name: apps.get_model("articles", name) for name in ("Source", "Provider", "Story", "Article", "ImportedFile")
    }
    source = model["Source"].objects.create(name="harbour")
    provider = model["Provider"].objects.create(domain="gazette.example", name="The Gazette")
    story = model["Story"].objects.create(source=source)
    for place, file in enumerate(files):
        article = model["Article"].objects.create(
            source=source,
            stem=file.name,
            title=f"Title of {file.name}" if place else title,
            published_at="2026-11-01T12:00:00Z",
            web_url=f"https://gazette.example/{file.name}",
            quality=60,
            heat=60,
            provider=provider,
            provider_name="The Gazette",
            story=story,
        )
        model["ImportedFile"].objects.create(
            article=article,
            digest=blake2b(file.data, digest_size=16).hexdigest(),
            content_digest="-",
            story_key="k",
            grouped_key="k",
            secured="opaque;text",
            imported_at=timezone.now(),
        )
    return story.pk


def test_an_upgrade_keeps_what_editors_wrote_and_the_stories(version_0_1):
    files = make_story_files("a", "b", topics=None)
    story_id = imported_by_0_1(version_0_1, files)

    call_command("migrate", verbosity=0)
    report = import_files(files)

    assert (report.created, report.updated, report.unchanged) == (0, 0, 2)
    assert [a.title for a in Article.objects.order_by("stem")] == ["Written by an editor", "Title of b"]
    assert Story.objects.get().pk == story_id
    assert Story.objects.get().articles.count() == 2
    assert not Conflict.objects.exists()
    exported = dict(exporter.files(Source.objects.get()))
    assert exported["b"] == files[1].data
    assert exported["a"] == files[0].data.replace(b"Title of a", b"Written by an editor", 1)


def test_after_an_upgrade_a_file_that_changed_meanwhile_undoes_nothing(version_0_1):
    imported_by_0_1(version_0_1, [make_file("a")])

    call_command("migrate", verbosity=0)
    import_files([make_file("a", excerpt="New.", topics=None)])

    article = Article.objects.get()
    assert article.title == "Written by an editor"
    assert set(Conflict.objects.open().values_list("field", flat=True)) == {"title", "excerpt"}
    assert ImportedFile.objects.get().secured == "opaque;text"


@pytest.fixture
def before_tags():
    """The models of the last version that did not know tags, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0016_plain_words")])
    yield executor.loader.project_state([("articles", "0016_plain_words")]).apps
    call_command("migrate", verbosity=0)


UNREAD_TAGS = [
    ({"tags": ["US", "FR", "US"], "note": 1}, ["US", "FR", "US"], {"note": 1}),
    ({"tags": []}, [], {}),
    ({"tags": "US"}, [], {"tags": "US"}),
    ({"tags": ["US", None]}, [], {"tags": ["US", None]}),
    ({"tags": ["x" * 101]}, [], {"tags": ["x" * 101]}),
    ({"note": "tags"}, [], {"note": "tags"}),
]


def test_an_upgrade_makes_tags_of_a_key_that_was_kept_unread(before_tags):
    imported_by_0_1(before_tags, [])
    model = before_tags.get_model
    source, provider = model("articles", "Source").objects.get(), model("articles", "Provider").objects.get()
    fields = {"title": "News", "published_at": "2026-11-01T12:00:00Z", "source": source, "provider": provider}
    for number, (extra, _, _) in enumerate(UNREAD_TAGS):
        model("articles", "Article").objects.create(stem=f"news-{number}", extra=extra, **fields)

    call_command("migrate", verbosity=0)

    for number, (extra, tags, left) in enumerate(UNREAD_TAGS):
        article = Article.objects.get(stem=f"news-{number}")
        assert ([tag.name for tag in article.tags.all()], article.extra) == (tags, left), extra


@pytest.fixture
def plain_words():
    """The models of the last version in which a file without `published` was not published, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0016_plain_words")])
    yield executor.loader.project_state([("articles", "0016_plain_words")]).apps
    call_command("migrate", verbosity=0)


def imported_by(apps, file, **fields):
    """What an earlier version made of a file."""
    model = {name: apps.get_model("articles", name) for name in ("Source", "Provider", "Article", "ImportedFile")}
    document, parts = read(file.data)
    article = model["Article"].objects.create(
        source=model["Source"].objects.get_or_create(name="harbour")[0],
        provider=model["Provider"].objects.get_or_create(domain="gazette.example", name="The Gazette")[0],
        provider_name="The Gazette",
        stem=file.name,
        **{name: document.values[name] for name in ("title", "published_at", "web_url")} | fields,
    )
    stored = {"text": parts.text, "secured": parts.secured, "address": article.web_url, "digest": "known"}
    model["ImportedFile"].objects.create(article=article, **stored)
    topic, _ = apps.get_model("articles", "Topic").objects.get_or_create(name="Harbour", slug="harbour")
    apps.get_model("articles", "ArticleTopic").objects.create(content_object=article, tag=topic, position=0)
    return article


def test_after_an_upgrade_a_file_without_published_is_published(plain_words):
    lacking = {"quality": None, "heat": None, "published": None}
    files = {name: make_file(name, **lacking) for name in ("never", "kept", "edited")}
    imported_by(plain_words, files["never"], published=False)
    kept = imported_by(plain_words, files["kept"], published=False, quality=90, heat=60)
    kept.file.kept = {"published": False, "quality": 90, "heat": 60}
    kept.file.save()
    imported_by(plain_words, files["edited"], published=False, title="Edited")

    call_command("migrate", verbosity=0)
    written = dict(exporter.files(Source.objects.get()))
    import_files(files.values())

    assert {name: written[name] for name in ("never", "kept")} == {n: files[n].data for n in ("never", "kept")}
    found = {article.stem: (article.published, article.heat, article.quality) for article in Article.objects.all()}
    assert found == {"never": (True, None, 0), "kept": (True, None, 0), "edited": (True, None, 0)}
    assert Article.objects.get(stem="edited").title == "Edited"


def test_an_upgrade_keeps_the_figures_that_a_person_set(plain_words):
    sites = plain_words.get_model("articles", "Source").objects
    sites.create(name="own", heat_weight=30)
    sites.create(name="default")

    call_command("migrate", verbosity=0)

    assert dict(Source.objects.values_list("name", "fits_figures")) == {"own": False, "default": True}
