"""The story's page: order, search, adding, merging, deciding about what is selected, and what it costs."""

import pytest
from django.utils import timezone

from articles.models import Action, Article, Story
from articles.stories import editing
from articles.suggestions import matching
from tests.admin.forms import confirm
from tests.factories import make_article, make_articles, make_provider, make_stories, make_story

pytestmark = pytest.mark.django_db


def address(story):
    return f"/admin/desk/stories/{story.pk}/"


def press(desk, story, do, **sent):
    return desk.post(address(story), {"do": do, **sent})


def said(desk, answer):
    return " ".join(str(message) for message in desk.get(answer.url).context["messages"])


def test_a_storys_articles_are_sorted_by_time_and_grouped_by_outlet(desk):
    names = [("Old", "b.example", 1), ("New", "a.example", 3), ("Middle", "b.example", 2)]
    articles = [
        make_article(title, provider=make_provider(domain), published_at=timezone.now().replace(year=2020 + n))
        for title, domain, n in names
    ]
    story = make_story(*articles)

    for order, wanted in (
        ("", [("", ["New", "Middle", "Old"])]),
        ("oldest", [("", ["Old", "Middle", "New"])]),
        ("outlet", [("a", ["New"]), ("b", ["Middle", "Old"])]),
        ("nonsense", [("", ["New", "Middle", "Old"])]),
    ):
        context = desk.get(address(story), {"order": order, "article": articles[0].pk}).context
        assert [(name, [one.title for one in some]) for name, some in context["groups"]] == wanted
        assert context["ticked"] == {articles[0].pk}  # what was selected stays so


def test_what_to_add_is_found_by_words_by_number_and_by_address_published_or_not(desk):
    story, other = make_story(make_article()), make_story(make_article("Ferry found"), make_article())
    alone = make_article("Quiet harbour", published=False, web_url="https://gazette.example/quiet?utm_source=x")
    removed = make_article("Gone away", removed=True, published=False)
    editing.write(other, "Our own headline", "", None)
    make_stories([[removed]])
    matching.look_at([alone.pk])

    for text, wanted in (
        ("quiet HARBOUR", [alone]),
        (str(alone.pk), [alone]),
        (f"#{alone.pk}", [alone]),
        ("https://gazette.example/quiet", [alone]),
        (f"http://localhost/news/harbour/{alone.stem}/", [alone]),
        (f"https://x.example/stories/{other.pk}-ferry/", [other.lead]),
        (f"story {other.pk}", [other.lead]),
        ("own headline", [other.lead]),
        ("gone away", [removed]),
        ("zzz", []),
        ("\0", []),
        ("9" * 30, []),
    ):
        found = desk.get(f"{address(story)}find/", {"q": text}).context["found"]
        assert [one for one in found if one in (alone, other.lead, removed)] == wanted, text
        assert list(desk.get(address(story), {"q": text}).context["found"]) == found


def test_an_article_is_added_from_where_it_is_and_both_stories_log_it(desk):
    one, two = make_story(make_article("A"), make_article("A2")), make_story(make_article("B"), make_article("B2"))
    member = Article.objects.get(title="B2")

    answer = press(desk, one, f"add-{member.pk}")

    assert Article.objects.get(pk=member.pk).story == one
    assert "Moved “B2” to the story “A”" in said(desk, answer)
    for story in (one, two):
        assert "Moved “B2” to the story “A”" in desk.get(address(story)).content.decode()


def test_merging_says_before_which_story_stays_which_lead_wins_and_what_leads_where(desk):
    small = make_story(make_article("Small", quality=99), make_article())
    large = make_story(make_article("Large"), make_article(), make_article())
    editing.write(small, "Own words", "", None)

    answer = press(desk, large, f"merge-{small.pk}")
    page = desk.get(answer.url)
    text = " ".join(page.content.decode().split())

    assert Story.objects.filter(merged_into=None).count() == 2  # nothing is done yet
    assert page.context["joined"].into == large
    for words in ("with 5 articles", "Its lead: “<bdi>Small</bdi>” It is the best of all.", "but still published",
                  "addresses lead to it: “<bdi>Own words</bdi>”", "Its own headline is no longer shown"):  # fmt: skip
        assert words in text
    data = {"story": [large.pk, small.pk], "into": small.pk, "shown": f"{large.pk} 5"}
    assert "Nothing is changed yet" in desk.post("/admin/desk/combine/", data).content.decode()
    assert Story.objects.filter(merged_into=None).count() == 2  # the page had told of another
    confirm(desk, answer)
    small.refresh_from_db()
    assert (small.merged_into, Article.objects.get(leads=large).title) == (large, "Small")
    for story in (large, small):
        assert "Merged “Own words” into “Large”" in desk.get(address(story)).content.decode()


def test_a_new_story_is_made_from_articles_and_never_empty(desk):
    articles = [make_article(), make_article()]
    story = make_story(make_article("Third"), make_article())

    assert desk.get("/admin/articles/story/add/").url == "/admin/desk/combine/"
    assert "A story is made from articles" in desk.get("/admin/desk/combine/").content.decode()
    assert desk.post("/admin/desk/combine/", {"article": articles[0].pk, "shown": " 1"}).status_code == 200
    assert Story.objects.count() == 1
    desk.post("/admin/desk/combine/", {"article": [one.pk for one in articles], "shown": " 2"})
    made = Story.objects.exclude(pk=story.pk).get()
    assert made.articles.count() == 2
    query = f"story={story.pk}&story={made.pk}&article={make_article('Loose').pk}"
    page = desk.get(f"/admin/desk/combine/?{query}")
    assert page.context["joined"].size == 5
    confirm(desk, Answer(f"/admin/desk/combine/?{query}"))
    action = Action.objects.first()
    assert "Merged" in action.what
    assert "moved “Loose”" in action.what
    desk.post(f"/admin/articles/action/{action.pk}/undo/")
    assert sorted(story.articles.count() for story in Story.objects.all()) == [2, 2]
    assert Article.objects.get(title="Loose").story is None


class Answer:
    def __init__(self, url):
        self.url = url


def test_one_selected_article_is_decided_at_once_and_more_are_shown_first(desk):
    lead, *rest = (make_article(f"N{n}", quality=90 - n) for n in range(3))
    story = make_story(lead, *rest)

    assert "Published “N1”" in said(desk, press(desk, story, "publish", article=rest[0].pk))
    hiding = press(desk, story, "unpublish", article=[lead.pk, rest[0].pk])
    assert "What becomes of their stories?" in desk.get(hiding.url).content.decode()
    done = desk.post(hiding.url, {"stories": "next"})
    assert done.url == address(story)
    assert list(Article.objects.filter(published=True)) == [rest[1]]
    alone = press(desk, story, "remove", article=rest[1].pk)  # it would hide the story
    assert "/action/" in alone.url
    assert Article.objects.get(pk=rest[1].pk).published


def test_a_step_that_cannot_be_undone_says_what_stands_in_the_way(desk):
    story = make_story(make_article("A"), make_article("B"), make_article("C"))
    first = editing.withdraw(list(story.articles.filter(title="C")), None)
    other = make_story(make_article("D"))
    later = editing.move([Article.objects.get(title="C")], other, None)

    page = press(desk, story, f"undo-{first.pk}").content.decode()

    assert "changed the same later" in page
    assert f"/admin/articles/action/{later.pk}/" in page


def test_a_story_without_a_headline_or_a_lead_is_called_by_an_articles_title(desk):
    (story,) = make_stories([[make_article("Removed one", removed=True, published=False)]])

    story = Story.objects.get(pk=story.pk)
    assert (story.lead, str(story)) == (None, "Removed one")
    assert "Removed one" in desk.get("/admin/desk/stories/").content.decode()


def test_the_pages_of_stories_cost_at_most_fifteen_queries(desk, django_assert_max_num_queries):
    articles = make_articles({"provider": make_provider(f"{n % 40}.example")} for n in range(180))
    other = make_story(make_article("Other lead"), make_article())
    (story,) = make_stories([articles])
    for number in range(9):
        editing.write(story, f"Headline {number}", "", None)
    combine = f"/admin/desk/combine/?story={story.pk}&story={other.pk}&q=headline"
    old = f"/admin/articles/story/{story.pk}/edit/"

    assert desk.get(old).url == address(story)
    for page in (address(story), f"{address(story)}?order=outlet&q=other+lead", combine, "/admin/desk/stories/?q=lead"):
        with django_assert_max_num_queries(15):
            assert desk.get(page).status_code == 200
    assert len(desk.get(address(story)).context["groups"][0][1]) == 180
