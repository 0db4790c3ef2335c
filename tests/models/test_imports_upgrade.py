"""Upgrades of rows that imports and forms would not store any more."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from articles.models import Article, Provider, RelatedLink, Story
from articles.text import signs
from tests.models.test_taxonomy_upgrade import add

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BEFORE = [("articles", "0021_maps")]
PILE = "e" + "\u0301" * 200


@pytest.fixture
def before():
    """The models of the version before, on its tables."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    yield executor.loader.project_state(BEFORE).apps
    call_command("migrate", verbosity=0)


def test_an_upgrade_gives_outlets_their_domain_unless_another_has_it(before):
    typed = ["https://Example.org/", "a.example", "http://a.example/", "b c", "https://u@d.example/", "e.example/", ""]
    for domain in typed:
        add(before, "Provider", domain=domain, name="A")

    call_command("migrate", verbosity=0)

    assert list(Provider.objects.order_by("pk").values_list("domain", flat=True)) == [
        "example.org", "a.example", "http://a.example/", "b c", "https://u@d.example/", "e.example", "",
    ]  # fmt: skip


def test_an_upgrade_cuts_marks_and_long_embeds_and_forgets_spellings_of_secured(before):
    source, provider = add(before, "Source", name="harbour"), add(before, "Provider", domain="a.example", name=PILE)
    fields = {"source": source, "provider": provider, "published_at": "2026-11-01T12:00:00Z"}
    extra = {"Secured": "x", "a": [{"SECURED": "y", "b": 1}]}
    add(before, "Article", stem="a", title=PILE, excerpt=PILE, featured_content="x" * 20_001, extra=extra, **fields)
    add(before, "Article", stem="b", title="Curly \u2019", featured_content="x" * 20_000, **fields)
    link = {"title": "L", "web_url": "https://a.example/", "provider": {"name": "", "domain": "a.example"}}
    story = add(before, "Story", source=source, imported_links=[{**link, "extra": extra}])
    add(before, "RelatedLink", story=story, title=PILE, web_url="https://a.example/", provider=provider, extra=extra)

    call_command("migrate", verbosity=0)

    one, other = Article.objects.order_by("stem")
    assert [signs.stream_safe(text) for text in (one.title, one.excerpt)] == [one.title, one.excerpt]
    assert (one.featured_content, one.extra, len(other.featured_content)) == ("", {"a": [{"b": 1}]}, 20_000)
    assert (other.title, Provider.objects.get().name) == ("Curly \u2019", signs.stream_safe(PILE))
    assert RelatedLink.objects.get().extra == Story.objects.get().imported_links[0]["extra"] == {"a": [{"b": 1}]}
