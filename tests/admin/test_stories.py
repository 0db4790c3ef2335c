"""The admin pages on which editors merge, split and undo."""

import pytest
from django.urls import reverse

from articles.models import Action, Story
from articles.stories import editing
from tests.admin import everything
from tests.admin.forms import confirm
from tests.factories import make_article, make_story

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "do", ["split", "withdraw", "lead", "release", "text", "move", "merge", "undo-x", "", "nonsense"]
)
def test_the_page_of_a_story_says_when_nothing_was_changed(admin_client, do):
    story = make_story(make_article(), make_article())

    page = admin_client.post(reverse("desk_story", args=[story.pk]), {"do": do}, follow=True)

    assert page.status_code == 200
    assert ("Nothing was changed" in page.content.decode()) == (do != "text")


def test_the_page_of_a_story_sets_a_lead_and_undoes_it(admin_client):
    lead, other = make_article("Lead", quality=90), make_article("Other", quality=60)
    story = make_story(lead, other)
    address = reverse("desk_story", args=[story.pk])

    admin_client.post(address, {"do": "lead", "article": other.pk, "reason": "Closer to it"})
    page = admin_client.get(address).content.decode()

    story.refresh_from_db()
    assert story.lead == other
    assert "Made “Other” the lead instead of “Lead”, and published “Other” (Closer to it)" in page
    admin_client.post(address, {"do": f"undo-{Action.objects.get().pk}"})
    story.refresh_from_db()
    assert story.lead == lead


@pytest.mark.parametrize("do", ["lead", "withdraw", "split", "move", "merge", "release", "undo"])
def test_every_button_of_a_story_saves_the_texts_that_were_typed(admin_client, do):
    lead, other, third = (make_article(name) for name in ("Lead", "Other", "Third"))
    story, another = make_story(lead, other, third), make_story(make_article(), make_article())
    done = editing.set_lead(other, None)
    address = reverse("desk_story", args=[story.pk])
    typed = {"headline": "Typed", "summary": "Words", "article": third.pk, "story": another.pk}

    answer = admin_client.post(address, typed | {"do": f"undo-{done.pk}" if do == "undo" else do})

    story.refresh_from_db()
    assert (answer.status_code, story.headline, story.summary) == (302, "Typed", "Words")


def test_a_button_that_cannot_do_its_work_shows_all_that_was_typed_again(admin_client):
    story = make_story(make_article(), make_article())
    typed = {"headline": "My words", "summary": "A sum", "reason": "A why", "new_headline": "Half of it"}

    page = admin_client.post(reverse("desk_story", args=[story.pk]), typed | {"do": "split"})

    assert {name: everything.fields(page)[name] for name in typed} == typed
    story.refresh_from_db()
    assert (story.headline, Action.objects.count()) == ("", 0)


def test_a_second_saver_of_a_storys_texts_loses_nothing_and_is_told(admin_client, admin_user):
    story = make_story(make_article(), make_article())
    address = reverse("desk_story", args=[story.pk])
    shown = everything.fields(admin_client.get(address))
    editing.write(story, "Ada's headline", "Ada's summary", admin_user)

    admin_client.post(address, shown | {"headline": "", "summary": "", "do": "text"})
    story.refresh_from_db()
    assert (story.headline, story.summary) == ("Ada's headline", "Ada's summary")
    page = admin_client.post(address, shown | {"headline": "Ben's headline", "do": "text"}).content.decode()

    story.refresh_from_db()
    assert story.headline == "Ada's headline"
    assert "admin (at" in page
    assert "changed this while your form was open" in page


def test_stories_merge_from_their_page_and_from_the_list(admin_client):
    one, two, three = (make_story(make_article(), make_article()) for _ in range(3))

    answer = admin_client.post(reverse("desk_story", args=[one.pk]), {"do": "merge", "story": two.pk})
    assert two.articles.count() == 2  # it is shown first
    confirm(admin_client, answer)
    two, _ = sorted((one, two), key=lambda story: -story.articles.count())
    chosen = {"action": "merge", "_selected_action": [two.pk, three.pk]}
    confirm(admin_client, admin_client.post(reverse("admin:articles_story_changelist"), chosen))

    assert two.articles.count() == 6


def test_the_list_of_articles_makes_one_story_of_some(admin_client):
    articles = [make_article(), make_article()]

    chosen = {"action": "make_one_story", "_selected_action": [article.pk for article in articles]}
    confirm(admin_client, admin_client.post(reverse("admin:articles_article_changelist"), chosen))

    assert Story.objects.get().articles.count() == 2


def test_a_user_without_the_permission_cannot_change_stories(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("reader", is_staff=True))
    story = make_story(make_article(), make_article())

    assert client.post(reverse("desk_story", args=[story.pk]), {"do": "release"}).status_code == 403


def test_the_page_of_a_story_costs_a_fixed_number_of_queries(admin_client, django_assert_max_num_queries):
    story = make_story(*(make_article() for _ in range(20)))
    for number in range(9):
        editing.write(story, f"Headline {number}", "", None)

    with django_assert_max_num_queries(12):
        admin_client.get(reverse("desk_story", args=[story.pk]))
