"""Each step of the triage list does what it says, decides about the article, and is undone with its mark."""

import pytest

from articles.models import Action, Article, ArticleTopic, Boost, Mark, Story
from tests.factories import make_article, make_story, make_topic

pytestmark = pytest.mark.django_db


def rows():
    """Return what steps change."""
    tables = {
        Article: ("pk", "published", "removed", "withdrawal_note", "quality", "story"),
        Mark: ("article", "state", "user"),
        ArticleTopic: ("content_object", "name"),
        Boost: ("article", "points"),
        Story: ("pk", "lead", "chosen_lead"),
    }
    return {model.__name__: set(model.objects.values_list(*names)) for model, names in tables.items()}


def test_every_step_is_one_recorded_action_and_undo_restores_all_that_it_changed(step, new_articles):
    make_topic("Quay")
    first, second, *_ = new_articles
    shown = make_article("Shown", published=False)
    make_story(make_article("Lead"), shown)
    for do, sent, mark in (
        ("publish", {}, "decided"),
        ("unpublish", {}, "decided"),
        ("remove", {}, "decided"),
        ("remove", {"reason": "Wrong", "note": "It was wrong."}, "decided"),
        ("quality", {"quality": "81"}, "decided"),
        ("quality", {"quality": "80"}, "decided"),
        ("seen", {}, "seen"),
        ("later", {}, "later"),
        ("topics", {"add": "quay"}, "new"),
        ("boost", {"points": "-5", "reason": "Because"}, "new"),
        ("join", {"with": second.pk}, "decided"),
        ("join", {"with": shown.pk}, "decided"),
    ):
        before, number = rows(), Action.objects.count()
        now = step(first, do, **sent)

        assert step.card.error == "", do
        assert (Action.objects.count(), now.mark.state) == (number + 1, mark), do
        assert first.title in step.card.action.what, do
        assert rows() != before, do
        step(first, "undo", undoes=step.card.action.pk)
        assert step.card.error == "", do
        after = rows()
        after["Story"] = {row for row in after["Story"] if row in before["Story"]}  # a signpost stays of a new one
        assert after == before, do


def test_a_decision_in_the_admin_marks_the_article_and_an_import_does_not(desk, editor, new_articles):
    first, second, *_ = new_articles
    go = desk.post(
        "/admin/articles/article/", {"action": "publish", "_selected_action": [first.pk], "index": "0"}
    ).headers["Location"]
    desk.post(go)

    marks = dict(Mark.objects.values_list("article", "state"))
    assert (marks[first.pk], marks[second.pk]) == ("decided", "new")
    assert Mark.objects.get(article=first).user == editor


def test_a_step_that_would_hide_a_story_asks_first_and_does_what_is_answered(step):
    lead, heir = make_article("Lead"), make_article("Heir")
    story = make_story(lead, heir)

    for do, answer in (("unpublish", "next"), ("remove", "next"), ("unpublish", "hide")):
        assert step(lead, do).published, do
        assert [loss.heir for loss in step.card.losses] == [heir]
        assert "None of the others is published" in step.page

        assert not step(lead, do, stories=answer).published
        heir.refresh_from_db()
        assert heir.published == (answer == "next")
        assert ("Heir" in step.card.action.what) == (answer == "next")
        step(lead, "undo", undoes=step.card.action.pk)
        story.refresh_from_db()
        assert story.lead == lead


def test_an_article_that_leads_by_a_step_is_published_if_its_story_is(step):
    lead, other = make_article("Lead"), make_article("Other")
    story = make_story(lead, other)

    assert step(other, "lead").published
    story.refresh_from_db()
    assert story.lead == other


@pytest.mark.parametrize(
    ("do", "sent", "said"),
    [
        ("quality", {"quality": "many"}, "Enter a whole number from 0"),
        ("quality", {"quality": "-1"}, "Enter a whole number from 0"),
        ("boost", {"points": "0", "reason": "r"}, "Enter a number of points other than 0"),
        ("boost", {"points": "5"}, "This field cannot be blank"),
        ("topics", {"add": "Nowhere\0"}, "There is no topic"),
        ("join", {"with": "999999999"}, "Choose another article"),
        ("lead", {}, "Choose one or more articles of one story"),
        ("remove", {"note": "n" * 1001}, "at most 1000 characters"),
        ("remove", {"reason": "r" * 501}, "at most 500 characters"),
        ("undo", {"undoes": "x"}, "There is nothing of yours to undo"),
    ],
)
def test_a_step_that_cannot_be_taken_says_why_and_changes_nothing(step, new_articles, do, sent, said):
    before = rows()
    step(new_articles[0], do, **sent)

    assert said in step.card.error
    assert rows() == before
    assert not Action.objects.exists()


def test_nobody_undoes_what_another_person_did(step, new_articles, django_user_model):
    step(new_articles[0], "publish")
    action = step.card.action
    Action.objects.filter(pk=action.pk).update(user=django_user_model.objects.create_user("other"))

    assert step(new_articles[0], "undo", undoes=action.pk).published
    assert "nothing of yours" in step.card.error


def test_without_a_script_a_step_leads_back_to_its_place_and_says_what_it_did(desk, new_articles):
    first = new_articles[0]
    sent = {"do": "publish", "place": f"mark=all&after={first.pk + 1}"}
    response = desk.post(f"/admin/desk/triage/{first.pk}/", sent, follow=True)

    assert response.redirect_chain == [(f"/admin/desk/triage/?mark=all&after={first.pk + 1}#a{first.pk}", 302)]
    assert "Published “<bdi>" not in (page := response.content.decode())
    assert "Published “News 0”" in page


def test_a_mark_does_not_stand_in_the_way_of_an_undo(step, new_articles):
    first = new_articles[0]
    step(first, "publish")
    action = step.card.action
    step(first, "later")

    now = step(first, "undo", undoes=action.pk)
    assert (step.card.error, now.published, now.mark.state) == ("", False, "later")
