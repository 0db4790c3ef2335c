"""What editors do to stories: each recorded, kept by imports, and undone exactly."""

import pytest

from articles.models import Action, Article, Change, Conflict, RelatedLink, Story
from articles.stories import editing, leads, undo
from articles.stories.editing import StoryError
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_provider, make_related, make_story, make_story_files
from tests.stories.observed import observed

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(django_user_model):
    return django_user_model.objects.create_user("ed")


def story_of(stem):
    return Article.objects.get(stem=stem).story


def stems(story):
    return "".join(story.articles.order_by("stem").values_list("stem", flat=True))


def test_a_merged_storys_address_redirects_to_the_other(client, editor):
    into, other = make_story(make_article(quality=90), make_article()), make_story(make_article("Gone"), make_article())
    address = other.get_absolute_url()

    editing.merge(into, [other], editor, "The same storm")

    into.refresh_from_db()
    assert (into.articles.count(), into.coverage) == (4, 4)
    response = client.get(address)
    assert (response.status_code, response.url) == (301, into.get_absolute_url())
    assert client.get(into.get_absolute_url()).status_code == 200


def test_a_chain_of_merges_redirects_once(client, editor):
    one, two, three = (make_story(make_article()) for _ in range(3))
    editing.merge(two, [one], editor)
    editing.merge(three, [two], editor)

    assert client.get(one.get_absolute_url(), follow=True).redirect_chain == [(three.get_absolute_url(), 301)]


def test_an_old_slug_redirects_to_the_storys_address(client):
    story = make_story(make_article("Ferries"), make_article())

    response = client.get(f"/stories/{story.pk}-what-it-was-called/")

    assert (response.status_code, response.url) == (301, f"/stories/{story.pk}-ferries/")


def test_a_story_that_readers_may_not_see_has_no_page(client):
    story = make_story(make_article(published=False))

    assert client.get(f"/stories/{story.pk}-x/").status_code == 404


def test_a_storys_own_texts_are_on_its_card_and_page(client, editor):
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
    leads.recompute([story.pk])
    story.refresh_from_db()
    assert story.lead == other

    editing.release_lead(story, editor)
    assert story.lead == better


def test_each_articles_history_says_who_did_what_and_why(editor):
    into, other = make_story(make_article()), make_story(make_article("Moved"))

    action = editing.merge(into, [other], editor, "The same storm")

    assert (action.user, action.reason) == (editor, "The same storm")
    assert str(action) == f"Merged “Moved” into “{into.lead}” (The same storm)"
    change = Change.objects.get(article__title="Moved")
    assert (change.user, change.deltas) == (editor, {"story": [other.pk, into.pk]})


def test_an_import_leaves_an_editors_merge_alone(editor):
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


def test_an_article_that_joins_a_merged_story_joins_the_other(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d"))
    editing.merge(story_of("a"), [story_of("c")], editor)

    import_files(make_story_files("c", "d", "e"))

    assert stems(story_of("a")) == "abcde"
    assert not Conflict.objects.exists()


def test_an_undone_merge_takes_articles_along_that_joined_later(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d"))
    action = editing.merge(story_of("a"), [story_of("c")], editor)
    import_files(make_story_files("c", "d", "e"))

    undo.undo(action, editor)

    assert (stems(story_of("a")), stems(story_of("e"))) == ("ab", "cde")


def test_an_imported_regrouping_that_contradicts_an_editor_is_a_conflict(editor):
    import_files(make_story_files("a", "b") + make_story_files("c", "d") + make_story_files("e", "f", "g"))
    editing.move([Article.objects.get(stem="b")], story_of("c"), editor)

    import_files([make_file("a"), *make_story_files("b", "e", "f", "g")])

    assert stems(story_of("c")) == "bcd"
    assert Conflict.objects.get().field == "story"


def test_a_story_that_an_import_merges_redirects(client):
    import_files(make_story_files("a", "b", published=True, heat=90) + make_story_files("c", "d", "e"))
    address = story_of("a").get_absolute_url()

    import_files(make_story_files("a", "b", "c", "d", "e", published=True, heat=90))

    assert client.get(address).url == story_of("c").get_absolute_url()


def test_links_of_a_merged_story_count_for_the_other(client, editor):
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
def test_an_impossible_action_is_explained_and_changes_nothing(editor, what, message):
    one, two = make_story(make_article(), make_article()), make_story(make_article(), make_article())
    before = observed()

    with pytest.raises(StoryError, match=message):
        what(one, two, editor)

    assert observed() == before
    assert not Action.objects.exists()


def test_a_merged_story_takes_no_more_articles(editor):
    one, two, three = (make_story(make_article()) for _ in range(3))
    editing.merge(one, [two], editor)
    two.refresh_from_db()

    with pytest.raises(StoryError, match=f"merged into story {one.pk}: choose that one"):
        editing.move([three.lead], two, editor)
