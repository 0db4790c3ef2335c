"""The index follows what changes, and a search answers from it as it is."""

from contextlib import closing, nullcontext
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from articles.models import Article, ReindexRequest, SearchEntry
from articles.search import index as search_index
from articles.search import words
from articles.search.index import rebuild, refresh
from tests.factories import make_article, make_provider, make_topic
from tests.search.results import found, found_now

pytestmark = pytest.mark.django_db


def test_what_readers_may_not_see_is_not_found():
    make_article("Ferries", published=False)
    make_article("Ferries", removed=True)
    make_article("Ferries", published_at=timezone.now() + timedelta(days=1))

    assert found("ferries") == []


def test_a_change_is_found_whoever_makes_it():
    article = make_article("Ferries")
    assert found("ferries") == ["Ferries"]

    Article.objects.filter(pk=article.pk).update(title="Tides")

    assert (found("ferries"), found("tides")) == ([], ["Tides"])


def test_new_names_of_outlets_and_topics_are_found():
    topic, provider = make_topic("Harbour"), make_provider("gazette.example", name="Gazette")
    make_article("Ferries", topics=[topic], provider=provider)
    assert found("harbour gazette") == ["Ferries"]

    provider.name, topic.name = "Herald", "Port"
    provider.save()
    topic.save()

    assert (found("harbour"), found("herald port")) == ([], ["Ferries"])


def test_a_topic_that_is_taken_away_finds_it_no_more():
    article = make_article("Ferries", topics=[make_topic("Harbour")])
    assert found("harbour")

    article.topic_links.all().delete()

    assert not found("harbour")


def test_what_is_deleted_leaves_nothing_behind():
    make_article("Ferries")
    assert found("ferries")

    Article.objects.all().delete()

    assert not SearchEntry.objects.exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM articles_searchwords")
            assert cursor.fetchone() == (0,)


def test_the_index_can_be_made_anew():
    make_article("Ferries")
    refresh()
    SearchEntry.objects.all().delete()
    assert found("ferries") == []

    list(rebuild())
    assert found("ferries") == ["Ferries"]


if connection.vendor == "postgresql":  # SQLite locks no rows

    @pytest.fixture
    def another(transactional_db):
        """Another connection, in a transaction that ends with the test."""
        with closing(connection.copy()) as other:
            other.set_autocommit(False)
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")  # instead of waiting for ever
            yield other
            other.rollback()
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    HELD = {
        "an article": "UPDATE articles_article SET heat = heat + 1 WHERE id = %s",
        "its entry": "DELETE FROM articles_searchentry WHERE article_id = %s",
        "a change": "SELECT * FROM articles_unindexed WHERE article_id = %s FOR UPDATE",
    }

    @pytest.mark.parametrize(
        ("index", "what"),
        [
            (refresh, "an article"),
            (refresh, "its entry"),
            (refresh, "a change"),
            (lambda: list(rebuild()), "an article"),
        ],
    )
    def test_indexing_waits_for_nobody_and_leaves_what_others_hold_for_later(another, index, what):
        held, _ = make_article("Held"), make_article("Free")
        refresh()
        Article.objects.update(excerpt="Ferries")
        with another.cursor() as cursor:
            cursor.execute(HELD[what], [held.pk])

        index()

        assert list(ReindexRequest.objects.values_list("article_id", flat=True).distinct()) == [held.pk]
        assert found_now("ferries") == ["Free"]
        another.rollback()
        assert sorted(found("ferries")) == ["Free", "Held"]


def test_a_search_answers_from_the_index_as_it_is_and_writes_nothing():
    make_article("Ferries")
    refresh()
    make_article("More ferries")
    noted = ReindexRequest.objects.count()

    assert found_now("ferries") == ["Ferries"]
    assert ReindexRequest.objects.count() == noted > 0


def test_what_an_editor_changes_is_found_at_once(admin_client):
    make_article("Ferries", topics=[topic := make_topic("Tides")])
    refresh()
    address = f"/admin/articles/topic/{topic.pk}/change/"
    form = admin_client.get(address).context["adminform"].form

    admin_client.post(address, {name: form[name].value() or "" for name in form.fields} | {"name": "Currents"})

    assert found_now("currents") == ["Ferries"]


def test_what_a_reader_posts_indexes_nothing(client):
    make_article("Ferries")

    client.post("/display/", {"theme": "dark"})

    assert ReindexRequest.objects.exists()


def test_tend_indexes_what_changed():
    make_article("Ferries")

    call_command("tend", verbosity=0)

    assert found_now("ferries") == ["Ferries"]
    assert not ReindexRequest.objects.exists()


@pytest.mark.parametrize("around", [nullcontext, transaction.atomic], ids=["by itself", "in a transaction"])
def test_an_editors_request_succeeds_while_the_index_cannot_be_written(transactional_db, rf, monkeypatch, around):
    make_article("Ferries")
    with monkeypatch.context() as patch, around():
        patch.setattr(words, "words_of", broken)
        assert post(rf).status_code == 204
        assert Article.objects.exists()

    assert found("ferries") == ["Ferries"]


def post(rf):
    """What an editor's browser is answered."""
    request = rf.post("/admin/")
    request.user = User(is_staff=True)
    return search_index.index_after_writing(lambda request: HttpResponse(status=204))(request)


def broken(article):
    """The database fails in the middle of a transaction."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_cancel_backend(pg_backend_pid())" if postgres else "SELECT nonsense")


if connection.vendor == "sqlite":  # which has one writer at a time

    def test_an_editors_request_waits_shortly_for_another_writer(rf, monkeypatch):
        patience = []
        monkeypatch.setattr(search_index, "refresh", lambda most: patience.append(busy_timeout()))

        post(rf)

        assert (patience, busy_timeout()) == ([200], 20_000)

    def busy_timeout():
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]


def test_the_command_indexes_anew_and_says_how_many(capsys):
    article = make_article("Ferries")
    hidden = make_article("Hidden ferries")
    refresh()
    Article.objects.filter(pk=hidden.pk).update(published=False)
    SearchEntry.objects.filter(pk=article.pk).delete()
    call_command("rebuild_search")

    assert capsys.readouterr().out.startswith("1 article indexed in ")
    assert list(SearchEntry.objects.values_list("pk", flat=True)) == [article.pk]
    assert not ReindexRequest.objects.exists()
