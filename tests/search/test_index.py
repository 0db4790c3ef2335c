"""What a search finds, the same on every database."""

from contextlib import closing, nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from articles.models import Article, ReindexRequest, SearchEntry
from articles.search import finding, words
from articles.search import index as search_index
from articles.search.finding import find
from articles.search.index import rebuild, refresh
from articles.search.query import parse
from tests.factories import make_article, make_provider, make_topic

pytestmark = pytest.mark.django_db


def found(text):
    refresh()
    return found_now(text)


def found_now(text):
    titles = dict(Article.objects.values_list("pk", "title"))
    return [titles[pk] for pk in find(parse(text))]


def test_the_title_that_is_the_query_comes_first():
    make_article("Ferries late again", quality=9000)
    make_article("Férries: late!", quality=1)

    assert found("ferries late") == ["Férries: late!", "Ferries late again"]


def test_all_words_in_the_title_are_worth_500_points():
    long_ago = timezone.now() - timedelta(days=7 * 300)
    make_article("Harbour", excerpt="Ferries late", quality=100)
    make_article("All ferries late", quality=100, published_at=long_ago)
    make_article("Best", excerpt="Ferries late", quality=700)

    assert found("ferries late ") == ["Best", "All ferries late", "Harbour"]


@pytest.mark.parametrize("few", [100, 0], ids=["looked for in what some words find", "asked of the index"])
def test_every_word_of_a_long_query_counts(monkeypatch, few):
    monkeypatch.setattr(finding, "FEW_CANDIDATES", few)
    make_article("Harbour ferries captains passengers breakfast late so", quality=50)
    make_article("Harbour ferries captains passengers breakfast late", excerpt="so", quality=700)
    make_article("Sea", excerpt="So late: breakfast, passengers, captains, ferries, harbour", quality=300)
    make_article("Harbour ferries captains passengers breakfast late", quality=9000)
    in_titles_first = [
        "Harbour ferries captains passengers breakfast late",
        "Harbour ferries captains passengers breakfast late so",
        "Sea",
    ]

    assert found("so late harbour ferries captains passengers breakfast ") == in_titles_first
    assert found('so late harbour ferries "passengers captains" breakfast sea ') == ["Sea"]


def test_the_better_and_the_newer_comes_first():
    now = timezone.now()
    make_article("Tides one", quality=70, published_at=now - timedelta(days=1))
    make_article("Tides two", quality=90, published_at=now - timedelta(days=1))
    make_article("Tides three", quality=90, published_at=now - timedelta(days=400))

    assert found("tides") == ["Tides two", "Tides one", "Tides three"]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("alpha", ["A", "B"]),
        ("alpha ", ["A"]),
        ('"gamma delta"', ["A"]),
        ('"delta gamma"', []),
        ('"A gamma" ', []),
        ("provider:herald", ["A"]),
        ('provider:"herald.example"', ["A"]),
        ("herald gamma ", ["A"]),
        ('topic:"sea life"', ["B"]),
        ("life", ["B"]),
        ("after:2021", ["B"]),
        ("before:2020-12", ["A"]),
        ("after:2020-05-03 before:2020-05-03", ["A"]),
        ("after:2020-05-04 before:2020-12-31", []),
        ("after:2022 before:2021", []),
        ("before:3000", ["A", "B"]),
        ("before:9999", ["A", "B"]),
        ("before:0999", []),
        ("after:3000", []),
        ("quality:81", ["B"]),
        ("quality:80", ["B", "A"]),
        ("alpha quality:99999", []),
        ("provider:nobody", []),
        ("", []),
    ],
)
def test_operators_and_phrases_narrow(text, titles):
    herald = make_provider("herald.example", name="Herald")
    made = {"provider": herald, "quality": 80, "published_at": datetime(2020, 5, 3, 12, tzinfo=UTC)}
    make_article("A", excerpt="Alpha, gamma delta", **made)
    there = {"topics": [make_topic("Sea Life")], "quality": 100, "published_at": datetime(2021, 5, 3, tzinfo=UTC)}
    make_article("B", excerpt="Alphabet gamma", **there)

    assert sorted(found(text)) == sorted(titles)


@pytest.mark.parametrize("text", ["after:0999", "after:1800 before:1985", "after:1985-06 before:9999"])
def test_a_range_of_dates_may_reach_beyond_what_is_indexed(text):
    make_article("Ferries", published_at=datetime(1985, 6, 1, tzinfo=UTC))

    assert found(text) == ["Ferries"]


@pytest.mark.parametrize("text", ["AT&T: cafés don\u2019t", '"AT&T"', "cafés", '"fish & chips"'])
def test_texts_are_found_as_readers_see_them(text):
    make_article("AT&amp;T: caf&eacute;s don&#8217;t", excerpt="Fish&nbsp;&amp; chips")

    assert found(text) == ["AT&amp;T: caf&eacute;s don&#8217;t"]


@pytest.mark.parametrize("text", ["amp", "eacute", "8217"])
def test_what_readers_do_not_see_is_not_found(text):
    make_article("AT&amp;T: caf&eacute;s don&#8217;t", excerpt="Fish&nbsp;&amp; chips")

    assert found(text) == []


def test_a_title_is_what_was_typed_if_readers_see_it_so():
    make_article("Caf&eacute;s &amp; ferries", quality=1)
    make_article("Ferries and cafés", quality=9000)

    assert found("cafés & ferries")[0] == "Caf&eacute;s &amp; ferries"


@pytest.mark.parametrize(
    ("excerpt", "text", "count"),
    [
        ("alpha " * 240 + "beta", '"alpha beta"', 1),
        ("alpha " * 251 + "beta", '"alpha beta"', 0),
        ("alpha " * 251 + "beta gamma", '"beta gamma"', 1),
        ("alpha " * 251 + "beta gamma", "alpha beta gamma ", 1),
        (" ".join(f"w{n}" for n in range(17_000)), '"w15000 w15001"', 1),
        (" ".join(f"w{n}" for n in range(17_000)), "w16001 ", 0),
        (" ".join(f"w{n}" for n in range(17_000)), "provider:gazette topic:harbour gazette harbour ", 1),
        (" ".join("ж" * 58 + f"{n:06}" for n in range(10_000)), "ж" * 58 + "000009 ", 1),
    ],
    ids=["often", "too often", "after it", "all words", "many", "too many", "outlet and topic", "long ones"],
)
def test_long_texts_are_indexed_as_far_as_every_database_can(excerpt, text, count):
    make_article("Ferries", excerpt=excerpt, topics=[make_topic("Harbour")])

    assert len(found(text)) == count


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
