"""Of two articles that are one, the better is kept, with all that the other had."""

from datetime import timedelta

import pytest
from django.utils import timezone

from articles.models import Article, Boost, Pin, RelatedLink, Story, Suggestion
from articles.suggestions import matching
from tests.admin.forms import confirm
from tests.factories import make_article, make_image, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/suggestion/"


def suggest(article, other):
    return Suggestion.objects.create(kind="duplicate", article=article, other=other, confidence=1, evidence="The same")


def accept(client, suggestion):
    data = {"action": "accept", "_selected_action": [suggestion.pk]}
    return confirm(client, client.post(LIST, data)).content.decode()


def leading(**values):
    article = make_article(**values)
    make_story(article, make_article(quality=5))
    return article


def member(**values):
    article = make_article(**values)
    make_story(make_article(quality=99), article)
    Article.objects.filter(pk=article.pk).update(published=True)
    return article


EARLIER = timezone.now() - timedelta(days=3)
PAIRS = {  # the better, and the other
    "published": (lambda: make_article(quality=10), lambda: make_article(published=False)),
    "not removed": (lambda: make_article(published=False), lambda: make_article(removed=True)),
    "not scheduled": (make_article, lambda: make_article(published_at=timezone.now() + timedelta(days=9))),
    "a lead": (lambda: leading(quality=10), member),
    "in a story": (lambda: leading(quality=10), make_article),
    "quality": (lambda: make_article(quality=81), make_article),
    "complete": (lambda: make_article(excerpt="Words."), make_article),
    "older": (lambda: make_article(published_at=EARLIER), lambda: make_article(published_at=timezone.now())),
}


@pytest.mark.parametrize("why", PAIRS)
def test_the_better_of_two_duplicates_is_kept_whichever_was_suggested(why):
    for swap in (False, True):
        better, other = (make() for make in PAIRS[why])

        matching.accept(suggest(*((other, better) if swap else (better, other))), None)

        better.refresh_from_db()
        other.refresh_from_db()
        assert other.removed
        other.refresh_from_db()
        assert (better.removed, other.removed, other.published) == (False, True, False)


def test_nothing_of_a_removed_duplicate_is_lost(client):
    harbour, tides = make_topic("Harbour"), make_topic("Tides")
    kept = make_article("Kept", topics=[harbour], web_url="https://a.example/1")
    removed = make_article("Removed", topics=[tides, harbour], excerpt="Its words.", published=False)
    make_image("https://i.example/a.jpg", removed)
    story = make_story(removed, make_article(published=False))
    Story.objects.filter(pk=story.pk).update(chosen_lead=removed)
    Pin.objects.create(article=removed, reason="On top")
    Boost.objects.create(article=removed, points=7, reason="Good")
    link = RelatedLink.objects.create(
        story=make_story(make_article()), title="x", target=removed, provider=make_provider()
    )

    matching.accept(suggest(kept, removed), None)

    for row in (kept, story, link):
        row.refresh_from_db()
    assert (kept.story, story.lead, story.chosen_lead) == (story, kept, kept)
    assert [topic.name for topic in kept.topic_list] == ["Harbour", "Tides"]
    assert (kept.excerpt, kept.images.count(), kept.web_url) == ("Its words.", 1, "https://a.example/1")
    assert (link.target, Pin.objects.get().article, Boost.objects.get().article) == (kept, kept, kept)
    assert (kept.quality_score, story.boost) == (87, 7)
    response = client.get(removed.get_absolute_url())
    assert (response.status_code, response.url) == (301, kept.get_absolute_url())


def test_the_address_of_a_duplicate_of_a_duplicate_leads_to_what_was_kept(client):
    best, middle, worst = make_article(quality=90), make_article(quality=80), make_article(quality=70)
    matching.accept(suggest(worst, middle), None)
    matching.accept(suggest(best, middle), None)

    assert client.get(worst.get_absolute_url()).url == best.get_absolute_url()
    Article.objects.filter(pk=best.pk).update(published=False)
    assert client.get(worst.get_absolute_url()).status_code == 404


def test_a_removed_lead_leaves_its_story_to_the_next_best_article(admin_client):
    kept = leading(title="Kept & read", quality=90)
    removed, best = make_article("Copy <b>"), make_article("Best of the rest", quality=60)
    story = make_story(removed, best, make_article(quality=50))

    page = accept(admin_client, suggest(removed, kept))

    story.refresh_from_db()
    assert (story.lead, admin_client.get(story.get_absolute_url()).status_code) == (best, 200)
    assert "Kept “Kept &amp; read” (gazette), removed its duplicate “Copy &lt;b&gt;” (gazette)" in page
    assert "“Best of the rest” leads the story of the removed one now" in page


def test_other_suggestions_about_a_removed_duplicate_are_closed():
    kept, removed, third = make_article(quality=90), make_article(), make_article()
    suggestions = [suggest(third, removed), suggest(removed, third)]
    about_kept = suggest(third, kept)

    matching.accept(suggest(removed, kept), None)

    assert list(Suggestion.objects.filter(state="open")) == [about_kept]
    assert set(Suggestion.objects.filter(pk__in=[each.pk for each in suggestions]).values_list("state")) == {
        ("ignored",)
    }
