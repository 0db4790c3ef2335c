"""To remove an article is the same in triage, on the list and in its form: reason, note, record, undo."""

import pytest

from articles.models import Action, Article
from articles.stories import undo
from tests.admin.forms import change
from tests.factories import make_article, make_story

pytestmark = pytest.mark.django_db
COLUMNS = ("published", "removed", "withdrawal_note")


def in_triage(client, article, do, told):
    client.post(f"/admin/desk/triage/{article.pk}/", {"do": do, **told})


def on_the_list(client, article, do, told):
    chosen = {"action": do, "_selected_action": [article.pk], "index": "0"}
    address = client.post("/admin/articles/article/", chosen).headers["Location"]
    page = client.get(address).content.decode()
    assert ("Public note" in page) == (do == "remove")
    client.post(address, told)


def in_its_form(client, article, do, told):
    told = {name.replace("note", "withdrawal_note"): text for name, text in told.items()}
    change(client, article, removed="on" if do == "remove" else None, **told)


@pytest.mark.parametrize("told", [{}, {"reason": "The outlet took it back"}, {"reason": "Wrong", "note": "<b>It was"}])
def test_removing_is_the_same_wherever_it_is_done(desk, editor, client, told):
    for place in (in_triage, on_the_list, in_its_form):
        article = make_article(f"Ferries {place.__name__}")
        place(desk, article, "remove", told)

        assert Article.objects.values_list(*COLUMNS).get(pk=article.pk) == (False, True, told.get("note", ""))
        action = Action.objects.latest("pk")
        assert (action.kind, action.reason) == ("remove", told.get("reason", "")), place
        assert article.title in action.what
        response = client.get(article.get_absolute_url())
        assert response.status_code == (410 if "note" in told else 404)
        assert ("&lt;b&gt;It was" in response.content.decode()) == ("note" in told)
        undo.undo(action, editor)
        assert Article.objects.values_list(*COLUMNS).get(pk=article.pk) == (True, False, ""), place


def test_a_restored_article_has_no_note_that_a_later_removal_would_show(desk):
    for place in (on_the_list, in_its_form):
        article = make_article(published=False, removed=True, withdrawal_note="It was wrong.")
        place(desk, article, "restore", {})
        assert Article.objects.values_list(*COLUMNS).get(pk=article.pk) == (False, False, ""), place


def test_a_removal_that_asks_about_a_story_keeps_its_reason_and_note(step):
    lead, heir = make_article("Lead"), make_article("Heir")
    make_story(lead, heir)
    Article.objects.filter(pk=heir.pk).update(published=False)
    told = {"reason": "Wrong", "note": 'It was "wrong" &'}

    assert step(lead, "remove", **told).published
    assert dict(step.card.kept) == told
    assert 'name="note" value="It was &quot;wrong&quot; &amp;"' in step.page
    assert step(lead, "remove", **dict(step.card.kept), stories="next").withdrawal_note == told["note"]


def test_what_no_reader_may_be_told_is_refused_and_nothing_is_removed(desk):
    article = make_article()
    for note in ("n" * 1001, "a\0b"):
        for place in (in_triage, on_the_list):
            place(desk, article, "remove", {"note": note})
            assert Article.objects.values_list(*COLUMNS).get(pk=article.pk) == (True, False, ""), place
