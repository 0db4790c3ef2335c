"""Bulk actions show what they will change, do it in slices, and say so; the log has all and undoes it."""

from html import unescape

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from articles.models import Action, Article, Boost, Change, Pin, Story
from articles.stories import actions, deciding, editing
from articles.stories import undo as undoing
from tests.admin.forms import change, form_data
from tests.factories import make_article, make_articles, make_story

pytestmark = pytest.mark.django_db
ARTICLES = "/admin/articles/article/"


def ask(client, action, articles):
    """Choose articles and an action in their list. Return the address of the page that asks, and its text."""
    data = {"action": action, "_selected_action": [article.pk for article in articles]}
    response = client.post(ARTICLES, data, follow=True)
    return response.redirect_chain[0][0], unescape(response.content.decode())


def undo(client, action):
    page = client.post(reverse("admin:articles_action_undo", args=[action.pk]), follow=True)
    return unescape(page.content.decode())


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("publish", (False, False), (True, False)),
        ("unpublish", (True, False), (False, False)),
        ("remove", (True, False), (False, True)),
        ("restore", (False, True), (False, False)),
    ],
)
def test_a_bulk_action_asks_first_and_then_says_what_it_did(admin_client, action, before, after):
    columns = dict(zip(("published", "removed"), before, strict=True))
    articles = [make_article(title, **columns) for title in ("Ferries <b>", "Boats")]

    address, page = ask(admin_client, action, articles)

    assert "Boats" in page
    assert set(Article.objects.values_list("published", "removed")) == {before}
    done = unescape(admin_client.post(address, follow=True).content.decode())
    assert set(Article.objects.values_list("published", "removed")) == {after}
    assert "“Ferries <b>” and “Boats”</bdi>. <a href=" in done
    assert Change.objects.count() == 2
    undo(admin_client, Action.objects.get())
    assert set(Article.objects.values_list("published", "removed")) == {before}


def test_publishing_many_leaves_removed_articles_as_they_are(admin_client):
    new, there, removed = make_article(published=False), make_article(), make_article(published=False, removed=True)

    address, page = ask(admin_client, "publish", [new, there, removed])

    assert "<strong>1</strong> will be published." in page
    assert "1 is published already." in page
    assert "1 is removed and stays so." in page
    admin_client.post(address)
    removed.refresh_from_db()
    assert (removed.published, removed.removed) == (False, True)


def test_a_bulk_action_that_changes_nothing_says_so(admin_client):
    address, _ = ask(admin_client, "publish", [make_article()])

    assert "Nothing had to be changed." in admin_client.post(address, follow=True).content.decode()
    assert not Action.objects.exists()


def test_a_bulk_action_goes_on_where_it_stopped(admin_client, monkeypatch):
    monkeypatch.setattr(deciding, "SLICE", 2)
    monkeypatch.setattr(actions, "PATIENCE", 0)
    articles = make_articles({"published": False} for _ in range(5))
    address, _ = ask(admin_client, "publish", articles)

    page = admin_client.post(address, follow=True).content.decode()  # and the tab is closed

    assert "2 of 5 are done." in page
    assert "data-goes-on" in page
    assert Article.objects.filter(published=True).count() == 2
    assert "not finished" in admin_client.get("/admin/desk/log/").content.decode()
    admin_client.post(address)
    done = unescape(admin_client.post(address, follow=True).content.decode())
    assert Article.objects.filter(published=True).count() == 5
    assert "and 3 others" in done
    undo(admin_client, Action.objects.get())
    assert not Article.objects.filter(published=True).exists()


def test_the_undo_of_many_goes_on_where_it_stopped(admin_client, monkeypatch):
    monkeypatch.setattr(undoing, "SLICE", 2)
    monkeypatch.setattr(actions, "PATIENCE", 0)
    make_articles({"published": False} for _ in range(5))
    done = deciding.go_on(deciding.plan("publish", Article.objects.all(), User.objects.get()))

    assert "0 of 5 are done." in undo(admin_client, done)
    undone = Action.objects.get(kind="undo")
    for left in (3, 1, 0):
        page = admin_client.post(f"/admin/articles/action/{undone.pk}/go/", follow=True).content.decode()
        assert Article.objects.filter(published=True).count() == left
    assert "Undid: Published “" in page
    assert "Already undone." in undo(admin_client, done)


def test_a_bulk_action_changes_what_was_chosen_not_what_the_list_shows_later(admin_client):
    chosen = make_article("Chosen", published=False)
    data = {"action": "publish", "_selected_action": [chosen.pk], "select_across": "1"}
    address = admin_client.post(f"{ARTICLES}?published__exact=0", data).url
    make_article("Later", published=False)

    admin_client.post(address)

    assert [article.title for article in Article.objects.filter(published=True)] == ["Chosen"]


def test_a_bulk_action_of_somebody_else_cannot_be_carried_out(admin_client):
    action = deciding.plan("publish", Article.objects.all(), User.objects.create_user("other"))

    assert admin_client.post(reverse("admin:articles_action_go", args=[action.pk])).status_code == 404


def test_a_bulk_action_on_500_articles_costs_few_queries(admin_client, django_assert_max_num_queries):
    make_articles({"published": False} for _ in range(500))
    action = deciding.plan("publish", Article.objects.all(), User.objects.get())

    with django_assert_max_num_queries(40):
        deciding.go_on(action)


def test_what_cannot_be_undone_names_what_stands_in_the_way(admin_client):
    one, two, three = (make_story(make_article(), make_article()) for _ in range(3))
    moved = one.lead
    first = editing.move([moved], two, None)
    later = editing.move([Article.objects.get(pk=moved.pk)], three, User.objects.get())

    page = undo(admin_client, first)

    assert "Nothing was changed: <bdi>admin changed the same later, on " in page
    assert f"“{later}”. Undo that first." in page
    assert f'<a href="/admin/articles/action/{later.pk}/change/">Look at it</a>' in page
    undo(admin_client, later)
    undo(admin_client, first)
    assert Article.objects.get(pk=moved.pk).story == one


def test_a_split_and_a_merge_are_in_the_logs_of_both_stories(admin_client):
    one, two = make_story(make_article("A"), make_article("C", quality=9)), make_story(make_article("D"))
    new = editing.split([one.lead], None).story
    editing.merge(two, [Story.objects.get(pk=one.pk)], None)

    for story, lines in ((new, ["Split “A” off from “A”"]), (two, ["Merged “C” into “D”"]), (one, ["Split", "Merged"])):
        page = unescape(admin_client.get(f"/admin/desk/stories/{story.pk}/").content.decode())
        assert [line for line in lines if line not in page] == []


@pytest.mark.parametrize(("model", "row"), [("boost", {"points": "7"}), ("pin", {"position": "2"})])
def test_boosts_and_pins_are_recorded_with_names_and_undone(admin_client, model, row):
    article, kind = make_article("Ferries"), {"boost": Boost, "pin": Pin}[model]
    address = f"/admin/articles/{model}/add/"
    data = form_data(admin_client.get(address)) | {"article": article.pk, "reason": "Because", **row}

    page = unescape(admin_client.post(address, data, follow=True).content.decode())
    added = kind.objects.get()
    change(admin_client, added, reason="Another")
    admin_client.post(f"/admin/articles/{model}/{added.pk}/delete/", {"post": "yes"})

    assert "Added the " in page
    assert "“Ferries”" in page
    assert "Changed the " in Action.objects.all()[1].what
    history = unescape(admin_client.get(f"{ARTICLES}{article.pk}/history/").content.decode())
    assert [action.what for action in Action.objects.all() if action.what not in history] == []
    for action, left in zip(Action.objects.all(), (["Another"], ["Because"], []), strict=True):
        undo(admin_client, action)
        assert list(kind.objects.values_list("reason", flat=True)) == left
    article.refresh_from_db()
    assert (article.boost, article.heat_score) == (0, 80)


def test_an_editor_sees_and_undoes_only_what_they_may_change(client, logged_in):
    article = make_article("Ferries", published=False)
    client = logged_in("change_article", "view_article", "add_boost")
    own = deciding.go_on(deciding.plan("publish", Article.objects.all(), User.objects.get()))
    others = editing.set_lead(make_story(make_article(), make_article()).lead, None)
    data = {"article": article.pk, "points": "3", "reason": "x", "until_0": "", "until_1": ""}
    client.post("/admin/articles/boost/add/", data)
    boosted = Action.objects.get(kind="add")

    assert client.get(f"/admin/articles/action/{others.pk}/change/").status_code != 200
    assert client.get("/admin/articles/action/").status_code == 403
    for action, status in ((own, 302), (others, 403), (boosted, 403)):
        assert client.post(f"/admin/articles/action/{action.pk}/undo/").status_code == status
    assert (Boost.objects.count(), Article.objects.get(title="Ferries").published) == (1, False)
