"""What editors do to stories: each recorded, kept by imports, and undone exactly."""

import random

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from articles.models import Article, Change, Conflict, ImportedFile, RelatedLink, Story, StoryAction
from articles.stories import editing
from articles.stories.editing import StoryError
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_provider, make_related, make_story, make_story_files

pytestmark = pytest.mark.django_db

NAMES = [f"a{n}" for n in range(10)]


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_user("ed")


def story_of(stem):
    return Article.objects.get(stem=stem).story


def stems(story):
    return "".join(story.articles.order_by("stem").values_list("stem", flat=True))


def observed():
    """Everything about stories that a person can tell: who is in which, leads, words, signposts, publication."""
    return (
        list(
            Article.objects.order_by("pk").values_list(
                "stem", "story", "published", "own_heat", "heat_score", "hot_score"
            )
        ),
        list(
            Story.objects.filter(articles__isnull=False)
            .distinct()
            .order_by("pk")
            .values_list("pk", "lead", "chosen_lead", "headline", "summary", "coverage")
        ),
    )


def test_a_merged_story_leads_to_the_one_it_is_in(client, editor):
    into, other = make_story(make_article(quality=90), make_article()), make_story(make_article("Gone"), make_article())
    address = other.get_absolute_url()

    editing.merge(into, [other], editor, "The same storm")

    into.refresh_from_db()
    assert (into.articles.count(), into.coverage) == (4, 4)
    response = client.get(address)
    assert (response.status_code, response.url) == (301, into.get_absolute_url())
    assert client.get(into.get_absolute_url()).status_code == 200


def test_a_chain_of_merges_leads_to_its_end_at_once(client, editor):
    one, two, three = (make_story(make_article()) for _ in range(3))
    editing.merge(two, [one], editor)
    editing.merge(three, [two], editor)

    assert client.get(one.get_absolute_url(), follow=True).redirect_chain == [(three.get_absolute_url(), 301)]


def test_an_old_slug_leads_to_the_storys_address(client):
    story = make_story(make_article("Ferries"), make_article())

    response = client.get(f"/stories/{story.pk}-what-it-was-called/")

    assert (response.status_code, response.url) == (301, f"/stories/{story.pk}-ferries/")


def test_a_story_that_readers_may_not_see_has_no_page(client):
    story = make_story(make_article(published=False))

    assert client.get(f"/stories/{story.pk}-x/").status_code == 404


def test_a_storys_own_words_are_on_its_card_and_page(client, editor):
    story = make_story(make_article("The lead's", excerpt="The lead's text."), make_article())

    editing.write(story, "Our headline", "Our summary.", editor)

    for address in ("/", Story.objects.get().get_absolute_url()):
        page = client.get(address).content.decode()
        assert "Our headline" in page
        assert "Our summary." in page


def test_a_split_off_story_is_visible_if_the_old_one_was(client, editor):
    lead, other, third = make_article("Lead"), make_article("Other", quality=70), make_article("Third", quality=60)
    make_story(lead, other, third)

    action = editing.split([other, third], editor, headline="Another event")

    other.refresh_from_db()
    assert (action.story.headline, stems(action.story)) == ("Another event", other.stem + third.stem)
    assert (other.published, other.heat_score) == (True, 70 + 20)
    assert {card.title for card in client.get("/").context["page"].items} == {"Lead", "Other"}


def test_a_withdrawn_member_stands_alone_and_its_story_stays_visible(client, editor):
    lead, other = make_article("Lead"), make_article("Other")
    story = make_story(lead, other)

    editing.withdraw([lead], editor)

    lead.refresh_from_db()
    story.refresh_from_db()
    assert (lead.story, story.lead) == (None, other)
    assert {card.title for card in client.get("/").context["page"].items} == {"Lead", "Other"}


def test_a_chosen_lead_leads_whatever_its_quality_until_it_is_released(editor):
    best, other = make_article(quality=90), make_article(quality=10)
    story = make_story(best, other)

    editing.set_lead(other, editor)
    better = make_article(quality=99, story=story)
    editing.settle([story.pk])
    story.refresh_from_db()
    assert story.lead == other

    editing.release_lead(story, editor)
    assert story.lead == better


def test_what_was_done_says_who_and_why_in_each_articles_history(editor):
    into, other = make_story(make_article()), make_story(make_article("Moved"))

    action = editing.merge(into, [other], editor, "The same storm")

    assert (action.user, action.reason, str(action)) == (editor, "The same storm", "merged (The same storm)")
    change = Change.objects.get(article__title="Moved")
    assert (change.user, change.deltas) == (editor, {"story": [other.pk, into.pk]})


def test_an_import_leaves_what_an_editor_merged(editor):
    files = make_story_files("a", "b") + make_story_files("c", "d")
    import_files(files)
    editing.merge(story_of("a"), [story_of("c")], editor)

    import_files(
        [
            make_file(file.name, quality=70, related=[make_related(other)])
            for file, other in zip(files, "badc", strict=True)
        ]
    )

    assert stems(story_of("a")) == "abcd"
    assert not Conflict.objects.exists()


def test_what_joins_a_merged_story_joins_the_one_it_is_in(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d"))
    editing.merge(story_of("a"), [story_of("c")], editor)

    import_files(make_story_files("c", "d", "e"))

    assert stems(story_of("a")) == "abcde"
    assert not Conflict.objects.exists()


def test_what_joined_a_merged_story_goes_with_it_when_the_merge_is_undone(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d"))
    action = editing.merge(story_of("a"), [story_of("c")], editor)
    import_files(make_story_files("c", "d", "e"))

    editing.undo(action, editor)

    assert (stems(story_of("a")), stems(story_of("e"))) == ("ab", "cde")


def test_an_imported_regrouping_that_contradicts_an_editor_is_a_conflict(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d") + make_story_files("e", "f", "g"))
    editing.move([Article.objects.get(stem="b")], story_of("c"), editor)

    import_files([make_file("a"), *make_story_files("b", "e", "f", "g")])

    assert stems(story_of("c")) == "bcd"
    assert Conflict.objects.get().field == "story"


def test_stories_that_an_import_merges_leave_a_signpost(client):
    import_files(make_story_files("a", "b", published=True, heat=90) + make_story_files("c", "d", "e"))
    address = story_of("a").get_absolute_url()

    import_files(make_story_files("a", "b", "c", "d", "e", published=True, heat=90))

    assert client.get(address).url == story_of("c").get_absolute_url()


def test_links_of_a_merged_story_are_coverage_of_the_one_it_is_in(client, editor):
    into, other = make_story(make_article()), make_story(make_article())
    RelatedLink.objects.create(story=other, title="Elsewhere", web_url="https://o.example/", provider=make_provider())

    editing.merge(into, [other], editor)

    into.refresh_from_db()
    assert into.coverage == 3
    for address in ("/", into.get_absolute_url()):
        assert "Elsewhere" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (lambda one, two, ed: editing.merge(one, [one], ed), "Choose another story"),
        (lambda one, two, ed: editing.split(list(one.articles.all()), ed), "leave at least one"),
        (lambda one, two, ed: editing.withdraw([], ed), "Choose one or more"),
        (lambda one, two, ed: editing.withdraw([one.lead, two.lead], ed), "of one story"),
        (lambda one, two, ed: editing.move([one.lead], one, ed), "not in the story yet"),
        (lambda one, two, ed: editing.release_lead(one, ed), "No lead was chosen"),
        (lambda one, two, ed: editing.gather([one.lead, two.lead], ed), "merge those instead"),
    ],
)
def test_what_makes_no_sense_says_so_and_changes_nothing(editor, what, message):
    one, two = make_story(make_article(), make_article()), make_story(make_article(), make_article())
    before = observed()

    with pytest.raises(StoryError, match=message):
        what(one, two, editor)

    assert observed() == before
    assert not StoryAction.objects.exists()


def test_a_merged_story_takes_no_more_articles(editor):
    one, two, three = (make_story(make_article()) for _ in range(3))
    editing.merge(one, [two], editor)
    two.refresh_from_db()

    with pytest.raises(StoryError, match=f"merged into story {one.pk}: choose that one"):
        editing.move([three.lead], two, editor)


def test_what_was_changed_since_is_not_undone(editor):
    one, two, three = (make_story(make_article(), make_article()) for _ in range(3))
    action = editing.move([one.lead], two, editor)
    editing.move([Article.objects.get(pk=one.lead_id)], three, editor)

    with pytest.raises(StoryError, match="was moved since: undo that first"):
        editing.undo(action, editor)


def test_nothing_is_undone_twice(editor):
    one, two = (make_story(make_article(), make_article()) for _ in range(2))
    action = editing.move([one.lead], two, editor)
    editing.undo(action, editor)

    with pytest.raises(StoryError, match="Already undone"):
        editing.undo(action, editor)


class Desk:
    """An editor and an importer at work on ten articles, by chance."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 (a sample, not a secret)
        self.user = User.objects.create_user("ed")

    def import_(self):
        names = self.chance.sample(NAMES, len(NAMES))
        groups = []
        while names:
            size = self.chance.randrange(1, 5)
            groups.append(names[:size])
            names = names[size:]
        moved = self.moved()
        import_files(
            [f for g in groups for f in make_story_files(*g, published=True, quality=self.chance.randrange(90))]
        )
        assert moved.items() <= dict(Article.objects.values_list("pk", "story")).items()

    def moved(self):
        """Where articles are that an editor put there."""
        files = ImportedFile.objects.select_related("article")
        return {f.article_id: f.article.story_id for f in files if f.grouped_story != f.article.story_id}

    def stories(self):
        return list(Story.objects.filter(articles__isnull=False).distinct().order_by("pk"))

    def act(self, what):
        stories, articles = self.stories(), list(Article.objects.order_by("pk"))
        some = self.chance.sample(articles, self.chance.randrange(1, 3))
        if what == "release":
            return editing.release_lead(self.chance.choice(stories), self.user)
        if what == "merge":
            return editing.merge(*self.two(stories), self.user)
        if what == "move":
            return editing.move(some, self.chance.choice(stories), self.user)
        if what == "gather":
            return editing.gather(some, self.user)
        if what == "lead":
            return editing.set_lead(some[0], self.user)
        if what == "undo":
            return editing.undo(self.chance.choice(StoryAction.objects.order_by("pk")), self.user)
        story = self.chance.choice(stories)
        members = list(story.articles.order_by("pk"))
        some = self.chance.sample(members, self.chance.randrange(1, len(members) + 1))
        return (editing.split if what == "split" else editing.withdraw)(some, self.user)

    def two(self, stories):
        one, *others = self.chance.sample(stories, self.chance.randrange(2, 4))
        return one, others


def check_invariants():
    assert sorted(Article.objects.values_list("stem", flat=True)) == NAMES
    for story in Story.objects.select_related("lead", "merged_into"):
        if story.articles.exists():
            assert story.lead.story_id == story.pk
            assert story.merged_into is None
            assert story.coverage == story.articles.count()
        else:
            assert story.lead is None
        if story.merged_into:
            assert story.merged_into.merged_into is None


ACTS = ["merge", "merge", "split", "split", "move", "move", "withdraw", "lead", "release", "gather", "undo", "import"]


def check_sequences(number):
    """Check that many sequences of edits and imports, found by hypothesis."""

    @given(st.integers(0, 10**9), st.lists(st.sampled_from(ACTS), min_size=3, max_size=10))
    @settings(max_examples=number)
    def check(seed, acts):
        with transaction.atomic():
            desk = Desk(seed)
            desk.import_()
            check_invariants()
            for what in acts:
                if what == "import":
                    desk.import_()
                else:
                    act_and_undo(desk, what)
                check_invariants()
            transaction.set_rollback(True)

    check()


def act_and_undo(desk, what):
    """Do something, undo it, and do it again by undoing that."""
    before = observed()
    try:
        with transaction.atomic():
            action = desk.act(what)
    except (StoryError, IndexError, ValueError):
        assert observed() == before
        return
    after = observed()
    undone = editing.undo(action, desk.user)
    assert observed() == before, what
    check_invariants()
    editing.undo(undone, desk.user)
    assert observed() == after, what


def test_no_sequence_loses_an_article_or_a_lead_and_every_undo_restores_exactly():
    check_sequences(5)


@pytest.mark.slow
def test_no_sequence_loses_an_article_or_a_lead_and_every_undo_restores_exactly_in_many():
    check_sequences(60)


@pytest.mark.parametrize(
    "do", ["split", "withdraw", "lead", "release", "text", "move", "merge", "undo-x", "", "nonsense"]
)
def test_the_desk_says_why_nothing_was_done(admin_client, do):
    story = make_story(make_article(), make_article())

    page = admin_client.post(reverse("admin:articles_story_edit", args=[story.pk]), {"do": do}, follow=True)

    assert page.status_code == 200
    assert ("Nothing was changed" in page.content.decode()) == (do != "text")


def test_the_desk_does_and_undoes(admin_client):
    lead, other = make_article("Lead", quality=90), make_article("Other", quality=60)
    story = make_story(lead, other)
    address = reverse("admin:articles_story_edit", args=[story.pk])

    admin_client.post(address, {"do": "lead", "article": other.pk, "reason": "Closer to it"})
    page = admin_client.get(address).content.decode()

    story.refresh_from_db()
    assert story.lead == other
    assert "Set the lead (Closer to it)" in page
    admin_client.post(address, {"do": f"undo-{StoryAction.objects.get().pk}"})
    story.refresh_from_db()
    assert story.lead == lead


def test_the_desk_merges_by_choice_and_from_the_list(admin_client):
    one, two, three = (make_story(make_article(), make_article()) for _ in range(3))

    admin_client.post(reverse("admin:articles_story_edit", args=[one.pk]), {"do": "merge", "story": two.pk})
    chosen = {"action": "merge", "_selected_action": [two.pk, three.pk]}
    admin_client.post(reverse("admin:articles_story_changelist"), chosen)

    assert two.articles.count() == 6


def test_articles_become_one_story_from_the_list(admin_client):
    articles = [make_article(), make_article()]

    chosen = {"action": "make_one_story", "_selected_action": [article.pk for article in articles]}
    admin_client.post(reverse("admin:articles_article_changelist"), chosen)

    assert Story.objects.get().articles.count() == 2


def test_who_may_not_change_stories_does_not(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    story = make_story(make_article(), make_article())

    assert client.post(reverse("admin:articles_story_edit", args=[story.pk]), {"do": "release"}).status_code == 403


def test_the_desks_page_of_a_story_costs_a_fixed_number_of_queries(admin_client, editor, django_assert_max_num_queries):
    story = make_story(*(make_article() for _ in range(20)))
    for number in range(9):
        editing.write(story, f"Headline {number}", "", editor)

    with django_assert_max_num_queries(12):
        admin_client.get(reverse("admin:articles_story_edit", args=[story.pk]))
