"""New articles get suggestions of stories and duplicates, and editors decide on them."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.urls import reverse

from articles.models import Action, Article, ArticleTerm, Suggestion
from articles.stories.editing import StoryError
from articles.suggestions import matching
from tests.admin.forms import confirm, form_data
from tests.factories import make_article, make_provider, make_source, make_story

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 1, 12, tzinfo=UTC)
OTHER_NEWS = [
    "Council votes on parking near the market hall",
    "Bakers strike for a second week",
    "New tram line opens to the hospital",
    "School choir wins the regional prize",
    "Rain delays the cycling championship",
    "Museum shows paintings of the old fishing fleet",
    "Police warn of bicycle thieves",
    "Library extends its opening hours",
]


@pytest.fixture(autouse=True)
def _other_news():
    for n, title in enumerate(OTHER_NEWS):
        make_article(title, published_at=MOMENT - timedelta(hours=n), provider=make_provider(f"o{n}.example"))


def run():
    for ids in matching.waiting():
        matching.group_sure_ones(matching.look_at(ids))


def make_pair(**values):
    first = make_article("Lighthouse keeper rescues crew of burning trawler Isolde", published_at=MOMENT)
    later = {"published_at": MOMENT + timedelta(hours=5), "provider": make_provider("later.example")} | values
    second = make_article("Crew of burning trawler Isolde rescued by lighthouse keeper", **later)
    return first, second


def open_ones():
    return list(Suggestion.objects.filter(state="open").values_list("kind", "article__title", "other__title"))


def test_the_story_of_an_article_like_it_is_suggested_with_the_evidence():
    first, second = make_pair()
    story = make_story(first, make_article("Something else entirely", published_at=MOMENT))

    run()

    suggestion = Suggestion.objects.get()
    assert (suggestion.kind, suggestion.article, suggestion.other.story) == ("story", second, story)
    assert 0 < suggestion.confidence <= 1
    assert "isolde" in suggestion.evidence


def test_an_article_with_a_story_gets_no_suggestion_of_another():
    first, second = make_pair()
    make_story(first, make_article("Something else entirely"))
    make_story(second, make_article("And another thing"))

    run()

    assert open_ones() == []


def test_articles_weeks_apart_are_not_compared():
    make_pair(published_at=MOMENT + timedelta(days=40))

    run()

    assert open_ones() == []


def test_a_story_is_suggested_once_by_its_article_that_is_most_like_the_new_one():
    first = make_article("Burning trawler Isolde", published_at=MOMENT)
    closer = make_article("Crew of burning trawler Isolde rescued", published_at=MOMENT)
    make_story(first, closer)
    make_pair()

    run()

    found = Suggestion.objects.filter(article__title__startswith="Crew of burning trawler Isolde rescued by")
    assert [suggestion.other for suggestion in found if suggestion.other.story] == [closer]


def test_a_removed_article_is_not_suggested():
    first, _ = make_pair()
    Article.objects.filter(pk=first.pk).update(removed=True)

    run()

    assert open_ones() == []


def test_an_article_is_looked_at_once():
    make_pair()
    make_article("On it", web_url="")  # neither words nor an address to find it by
    run()

    assert list(matching.waiting()) == []


@pytest.mark.parametrize(
    "values",
    [
        {"web_url": "https://www.gazette.example/isolde/?utm_source=mail"},
        {"web_url": "https://later.example/1", "amp_web_url": "https://gazette.example/isolde/amp"},
        {
            "web_url": "https://later.example/1",
            "cdn_amp_web_url": "https://gazette-example.cdn.ampproject.org/c/s/gazette.example/isolde/amp",
        },
    ],
    ids=["tracked", "AMP", "AMP cache"],
)
def test_the_same_page_under_another_address_is_a_duplicate(values):
    make_article("Isolde", web_url="https://gazette.example/isolde", published_at=MOMENT)
    make_article("Another title", published_at=MOMENT + timedelta(days=90), **values)

    run()

    assert open_ones() == [("duplicate", "Another title", "Isolde")]


def test_a_syndicated_copy_is_a_duplicate():
    title = "Lighthouse keeper rescues crew of burning trawler Isolde"
    make_article(title, published_at=MOMENT, web_url="https://gazette.example/x")
    make_article(
        title, published_at=MOMENT, web_url="https://copies.example/y", provider=make_provider("copies.example")
    )

    run()

    assert "duplicate" in {kind for kind, *_ in open_ones()}


def test_accepting_a_suggestion_makes_one_story_and_records_why(admin_client):
    first, second = make_pair()
    run()

    matching.accept(Suggestion.objects.get(kind="story"), None)

    second.refresh_from_db()
    first.refresh_from_db()
    assert second.story == first.story is not None
    assert "suggested: shares" in Action.objects.get().reason


def test_accepting_a_duplicate_hides_it_from_readers():
    make_article("Isolde", web_url="https://gazette.example/isolde", published_at=MOMENT)
    copy = make_article("Copy", web_url="https://gazette.example/isolde/", published_at=MOMENT + timedelta(days=1))
    run()

    matching.accept(Suggestion.objects.get(kind="duplicate"), None)

    copy.refresh_from_db()
    assert copy.removed
    assert Article.objects.get(title="Isolde").published


def test_a_rejected_suggestion_is_not_made_again():
    make_pair()
    run()
    matching.reject(Suggestion.objects.get(), None)

    ArticleTerm.objects.all().delete()
    run()

    assert open_ones() == []


def test_a_suggestion_is_decided_once():
    make_pair()
    run()
    suggestion = Suggestion.objects.get()
    matching.ignore(suggestion, None)

    with pytest.raises(ValueError, match="it was Ignored before"):
        matching.accept(suggestion, None)


def test_a_suggestion_does_not_merge_two_stories():
    first, second = make_pair()
    run()
    for article in (first, second):
        make_story(article, make_article("Something else entirely"))

    with pytest.raises(StoryError, match="merge those instead"):
        matching.accept(Suggestion.objects.get(), None)


@pytest.mark.parametrize("automatic", [True, False])
def test_sure_articles_join_stories_by_themselves_only_if_the_setting_allows_it(settings, automatic):
    settings.NEWSROOM_AUTOMATIC_STORIES = automatic
    title = "Lighthouse keeper rescues crew of burning trawler Isolde"
    for n in range(2):
        make_article(title, published_at=MOMENT, provider=make_provider(f"p{n}.example"))

    run()

    assert Action.objects.filter(user=None).exists() == automatic
    assert {article.story_id is not None for article in Article.objects.filter(title=title)} == {automatic}


def test_the_command_reports_what_it_did(capsys):
    make_pair()

    call_command("suggest_stories", "--no-progress")
    call_command("suggest_stories", "--no-progress")

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("10 articles looked at: 1 stories and 0 duplicates suggested, 0 joined")
    assert second.startswith("0 articles looked at")


def test_an_article_written_here_gets_its_suggestions_at_once(admin_client):
    make_article("Lighthouse keeper rescues crew of burning trawler Isolde", published_at=MOMENT)
    run()
    address = reverse("admin:articles_article_add")
    values = {
        "title": "Keeper of lighthouse rescues burning trawler Isolde",
        "published_at_0": "2026-11-01",
        "published_at_1": "14:00:00",
        "source": make_source().pk,
        "provider": make_provider("later.example").pk,
    }

    response = admin_client.post(address, form_data(admin_client.get(address)) | values)

    assert response.status_code == 302, response.context["errors"]
    assert [kind for kind, *_ in open_ones()] == ["story"]
    article = Article.objects.get(title__startswith="Keeper")
    page = admin_client.get(reverse("admin:articles_article_change", args=[article.pk])).content.decode()
    assert "Suggestions (1)" in page


@pytest.mark.parametrize(("action", "state"), [("accept", "accepted"), ("reject", "rejected"), ("ignore", "ignored")])
def test_editors_decide_in_the_list_of_suggestions(admin_client, action, state):
    make_pair()
    run()
    suggestion = Suggestion.objects.get()
    address = reverse("admin:articles_suggestion_changelist")

    chosen = {"action": action, "_selected_action": [suggestion.pk]}
    answer = admin_client.post(address, chosen)
    page = confirm(admin_client, answer) if action == "accept" else admin_client.get(address)
    page = page.content.decode()

    suggestion.refresh_from_db()
    assert (suggestion.state, suggestion.decided_by) == (state, User.objects.get(username="admin"))
    assert f"{Action.objects.get()}</bdi>. <a href=" in unescape(page)
    assert "0 suggestions" in page


def test_the_list_of_suggestions_takes_a_fixed_number_of_queries(admin_client, django_assert_max_num_queries):
    for n in range(20):
        first, second = make_article(), make_article()
        make_story(first)
        Suggestion.objects.create(kind="story", article=second, other=first, confidence=n / 20, evidence="Because")

    with django_assert_max_num_queries(10):
        admin_client.get(reverse("admin:articles_suggestion_changelist"))


def test_a_new_article_takes_a_fixed_number_of_queries(django_assert_max_num_queries):
    make_pair()
    run()
    article = make_article("Burning trawler Isolde towed in by the lighthouse keeper's crew", published_at=MOMENT)

    with django_assert_max_num_queries(12):
        matching.look_at([article.pk])
