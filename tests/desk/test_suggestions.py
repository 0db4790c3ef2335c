"""Suggestions side by side: what is shown, what each answer does, what comes next, and undo."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from articles.models import Article, Postponed, Suggestion
from articles.suggestions import matching
from tests.admin import effects
from tests.factories import make_article, make_story

pytestmark = pytest.mark.django_db
PAGE = "/admin/desk/suggestions/"


def suggest(kind="story", confidence=0.9, article=None, other=None):
    article, other = article or make_article(), other or make_article()
    return Suggestion.objects.create(kind=kind, article=article, other=other, confidence=confidence, evidence="words")


def decide(desk, one, do, done=()):
    """Decide as a script does. Return the suggestion that comes next, and what was done."""
    sent = {"do": do, "done": ",".join(map(str, done))}
    answer = desk.post(f"{PAGE}{one.pk}/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    decide.page = answer.content.decode()
    pair = answer.context["pair"]
    return pair and pair.suggestion, [int(pk) for pk in answer.context["done"].split(",") if pk]


def test_both_texts_are_shown_with_the_words_marked_that_tell(desk):
    titles = ("Ferry <b>finds</b> its island", "Ferry lost its island")
    texts = {"story": ("<mark>Ferry</mark> &lt;b&gt;finds&lt;/b&gt; its <mark>island</mark>",
                       "<mark>Ferry</mark> lost its <mark>island</mark>"),
             "duplicate": ("Ferry <mark>&lt;b&gt;finds&lt;/b&gt;</mark> its island",
                           "Ferry <mark>lost</mark> its island")}  # fmt: skip
    for kind, wanted in texts.items():
        one = suggest(kind, article=make_article(titles[0]), other=make_article(titles[1]))
        pair = desk.get(PAGE, {"at": one.pk}).context["pair"]
        assert tuple(side.title for side in pair.sides) == wanted


def test_each_answer_does_what_it_said_and_the_last_first_is_undone(desk):
    for kind in ("story", "duplicate"):
        for do, removed, together in (
            ("accept", 1 if kind == "duplicate" else None, kind == "story"),
            ("join", None, True),
            ("keep-1", 2, False),
            ("keep-2", 1, False),
            ("different", None, False),
            ("later", None, False),
        ):
            one = suggest(kind, article=make_article(published=False), other=make_article())
            before = list(Suggestion.objects.order_by("pk").values())
            _, done = decide(desk, one, do)
            both = [Article.objects.get(pk=pk) for pk in (one.article_id, one.other_id)]
            assert [n for n in (1, 2) if both[n - 1].removed] == ([removed] if removed else []), (kind, do)
            assert (both[0].story_id is not None and both[0].story_id == both[1].story_id) == together, (kind, do)
            if removed:
                assert both[2 - removed].is_public  # what readers saw, they see by the other
                assert Suggestion.kept_instead_of(both[removed - 1]) == both[2 - removed]
            again, done = decide(desk, one, "undo", done)
            assert (again, done) == (one, [])
            assert list(Suggestion.objects.order_by("pk").values()) == before
            assert not Article.objects.filter(removed=True).exists()
            one.delete()


def test_what_deciding_does_is_said_before(desk):
    lead = make_article("The lead")
    story = make_story(lead, make_article())
    joins = suggest(article=make_article("Joins", quality=10), other=lead)
    pair = desk.get(PAGE, {"at": joins.pk}).context["pair"]
    assert pair.default == "1 joins the story “The lead”, which then has 3. 2 leads it."

    copy = suggest("duplicate", article=make_article("Copy", published=False), other=lead)
    pair = desk.get(PAGE, {"at": copy.pk}).context["pair"]
    assert pair.default == ("2 stays: readers see it. 1 is removed, and its address leads to 2.")
    assert pair.keeps[0].endswith("1 is published. 1 joins the story “The lead”.")

    both = suggest(article=make_article(story=make_story(make_article())), other=lead)
    page = desk.get(PAGE, {"at": both.pk}).content.decode()
    assert f"/admin/desk/combine/?story={both.article.story_id}&amp;story={story.pk}" in page


def test_later_moves_a_suggestion_behind_for_one_person_alone(desk):
    one, two, three = (suggest(confidence=confidence) for confidence in (0.9, 0.8, 0.7))
    other = Client()
    other.force_login(User.objects.create_superuser("ada"))

    assert decide(desk, one, "later")[0] == two
    assert decide(desk, two, "different")[0] == three
    assert decide(desk, three, "later")[0] == one  # it was put off before the third
    assert desk.get(PAGE).context["pair"].suggestion == one
    assert desk.get(PAGE, {"after": one.pk}).context["pair"].suggestion == three
    assert desk.get(PAGE, {"before": three.pk}).context["pair"].suggestion == one
    assert desk.get(PAGE, {"after": three.pk}).context["pair"] is None
    assert other.get(PAGE).context["pair"].suggestion == one
    assert other.get(PAGE, {"after": one.pk}).context["pair"].suggestion == three
    assert other.get(PAGE, {"before": one.pk}).context["pair"] is None
    assert Postponed.objects.count() == 2


def test_different_articles_are_not_suggested_again_whichever_comes_first(desk):
    at = timezone.now()
    titles = ("Keeper of lighthouse rescues burning trawler Isolde", "Lighthouse keeper rescues burning trawler Isolde")
    for first, second in ((0, 1), (1, 0)):
        articles = [make_article(title, published_at=at, web_url=f"https://{first}{n}.example/")
                    for n, title in enumerate(titles)]  # fmt: skip
        matching.look_at([article.pk for article in articles])
        one = Suggestion.objects.filter(state="open", article__in=articles).first()
        decide(desk, one, "different")
        for article in (articles[first], articles[second]):
            assert [made for made in matching.look_at([article.pk]) if made.other in articles] == []
        assert not Suggestion.objects.filter(state="open", article__in=articles, other__in=articles).exists()
        Article.objects.all().delete()


def test_without_a_script_a_form_leads_back_to_the_next(desk):
    one, two = suggest(confidence=0.9), suggest(confidence=0.8)

    answer = desk.post(f"{PAGE}{one.pk}/", {"do": "different", "kind": "story"})
    page = desk.get(answer.url)

    assert (page.context["pair"].suggestion, page.context["queue"].kind) == (two, "story")
    assert "never" not in answer.url
    assert "Rejected that" in page.content.decode()
    answer = desk.post(f"{PAGE}{two.pk}/", {"do": "undo", "done": page.context["done"]})
    assert desk.get(answer.url).context["pair"].suggestion == one


def test_a_suggestion_that_somebody_decided_meanwhile_changes_nothing(desk):
    one = suggest()
    matching.reject(one, None)

    decide(desk, one, "accept")

    assert "Nothing was changed: it was Rejected before" in decide.page
    decide(desk, one, "undo", [999])
    assert "nothing of yours" in decide.page
    assert desk.post(f"{PAGE}{one.pk}/", {"do": "nonsense"}).status_code == 404


def test_who_may_not_group_may_not_join_or_keep():
    client, one = Client(), suggest()
    client.force_login(effects.staff("change_suggestion"))

    for do in ("accept", "join", "keep-1", "keep-2"):
        assert client.post(f"{PAGE}{one.pk}/", {"do": do}).status_code == 403
    assert 'value="accept"' not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{one.pk}/", {"do": "different"}).status_code == 302


def test_the_pages_of_suggestions_cost_at_most_fifteen_queries(desk, django_assert_max_num_queries):
    for n in range(20):
        member = make_article()
        make_story(make_article(), member)
        suggest("duplicate" if n % 2 else "story", n / 20, make_article(), member)
    pair = Suggestion.objects.all()[3]

    for page in (PAGE, f"{PAGE}?at={pair.pk}", f"{PAGE}?after={pair.pk}&kind=duplicate", f"{PAGE}?before={pair.pk}"):
        with django_assert_max_num_queries(15):
            assert desk.get(page).status_code == 200
