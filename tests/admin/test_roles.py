"""Roles: what the four groups are made of, what people change about them, and who may give them."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from articles.admin.recorded import undoable
from articles.models import Action, Article, ArticleImage, Role, Topic
from articles.operations import roles
from tests.admin import everything
from tests.factories import make_article, make_articles, make_story, make_topic

pytestmark = pytest.mark.django_db
KEYS = [spec.key for spec in roles.SPECS]


def person(key, name="ed"):
    """Store an account with a role."""
    user = User.objects.create_user(name, f"{name}@example.org", "secret", is_staff=True)
    user.groups.add(Role.objects.get(key=key).group)
    return User.objects.get(pk=user.pk)


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def held(group):
    return sorted(f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all())


def test_every_site_has_four_roles_and_each_may_do_what_the_one_before_may():
    found = [set(held(Role.objects.get(key=key).group)) for key in KEYS]

    assert [sorted(one) for one in found] == [roles.permissions_of(key) for key in KEYS]
    assert all(less < more for less, more in pairwise(found))
    assert {name.partition("_")[0] for name in found[0]} == {"articles.view"}
    assert not any("secured" in name or "add_group" in name for name in found[-1])


@pytest.mark.parametrize("change", ["nothing", "a new name", "one more right", "one right less", "deleted"])
def test_a_later_version_changes_only_roles_that_nobody_edited(change):
    role = Role.objects.get(key="editor")
    group, boost = role.group, Permission.objects.get(codename="add_boost")
    group.permissions.remove(boost)  # as an earlier version, which had no boosts, made it
    role.given = held(group)
    role.save()
    {
        "nothing": lambda: None,
        "a new name": lambda: Group.objects.filter(pk=group.pk).update(name="Redaktion"),
        "one more right": lambda: group.permissions.add(Permission.objects.get(codename="view_secured")),
        "one right less": lambda: group.permissions.remove(Permission.objects.get(codename="add_pin")),
        "deleted": group.delete,
    }[change]()
    before = {one.name: held(one) for one in Group.objects.all()}

    for _ in range(2):
        call_command("migrate", verbosity=0)

    after = {one.name: held(one) for one in Group.objects.all()}
    name = "Redaktion" if change == "a new name" else "Editor"
    if change in ("nothing", "a new name"):
        before[name] = roles.permissions_of("editor")
    assert after == before


def test_a_role_takes_no_group_that_has_its_name_already():
    Role.objects.get(key="editor").group.delete()
    Role.objects.get(key="editor").delete()
    Group.objects.create(name="Editor")

    roles.keep_in_line()

    assert held(Group.objects.get(name="Editor")) == []
    assert Role.objects.get(key="editor").group.name == "Editor 2"


def test_an_administrator_gives_a_new_person_a_role_which_lets_them_in():
    client = logged_in(person("administrator"))
    address = "/admin/auth/user/add/"
    page = client.get(address)
    words = page.content.decode()
    role = Role.objects.get(key="publisher").group

    sent = {"username": "new", "usable_password": "true", "password1": "n3w-Pass-word", "password2": "n3w-Pass-word"}
    answer = client.post(address, everything.fields(page) | sent | {"groups": [role.pk]})

    assert answer.status_code == 302, answer.context["errors"]
    new = User.objects.get(username="new")
    assert (new.is_staff, new.is_superuser, list(new.groups.all())) == (True, False, [role])
    assert all(str(spec.told) in words and str(spec.name) in words for spec in roles.SPECS)


@pytest.mark.parametrize("by", ["an administrator", "an editor of accounts"])
def test_nobody_gives_a_role_with_a_right_beyond_their_own(by):
    admin = person("administrator" if by == "an administrator" else "reader")
    admin.user_permissions.add(*Permission.objects.filter(codename__in=["add_user", "change_user", "view_user"]))
    beyond = Role.objects.get(key="publisher" if by == "an editor of accounts" else "editor").group
    beyond.permissions.add(Permission.objects.get(codename="view_secured"))
    other = User.objects.create_user("other")
    client, address = logged_in(admin), f"/admin/auth/user/{other.pk}/change/"
    page = client.get(address)

    for group in (beyond, Role.objects.get(key="reader").group):
        client.post(address, everything.fields(page) | {"groups": [group.pk]})

    assert [group.role.key for group in other.groups.all()] == ["reader"]
    assert beyond.pk not in [one for one, _ in page.context["adminform"].form.fields["groups"].choices]


def test_an_administrator_closes_an_account_and_opens_it_again():
    other, client = person("editor", "other"), logged_in(person("administrator"))
    address = f"/admin/auth/user/{other.pk}/change/"
    for is_open in (False, True):
        fields = everything.fields(client.get(address)) | {"groups": [other.groups.get().pk]}
        fields.pop("is_active", None)
        assert client.post(address, fields | ({"is_active": "on"} if is_open else {})).status_code == 302
        other.refresh_from_db()
        assert other.is_active == is_open


def press(client, *articles, action, **sent):
    """Do a bulk action to articles, and go on from the page that shows it."""
    data = {"action": action, "_selected_action": [one.pk for one in articles], "index": "0", **sent}
    answer = client.post("/admin/articles/article/", data)
    return client.post(answer.url) if answer.status_code == 302 else answer


def test_only_a_publisher_withdraws_and_restores_whatever_they_use():
    lead = make_article("Lead")
    for key, may in (("editor", False), ("publisher", True)):
        client, article = logged_in(person(key, key)), make_article(f"Of {key}")
        form = f"/admin/articles/article/{article.pk}/change/"
        page = client.get(form)
        fields = everything.fields(page)
        client.post(form, fields | {"removed": "on", "withdrawal_note": "Wrong.", "title": "New", "_continue": ""})
        article.refresh_from_db()
        assert (article.title, article.removed) == ("New", may)
        assert (b'name="removed"' in page.content, "withdrawal_note" in fields) == (may, may)

        steps = [client.post(f"/admin/desk/triage/{lead.pk}/", {"do": "remove"}), press(client, lead, action="remove")]
        assert [answer.status_code for answer in steps] == ([302, 302] if may else [403, 403])
        story = make_story(make_article("First"), member := make_article(f"Member of {key}"))
        desk = f"/admin/desk/stories/{story.pk}/"
        assert (b'value="remove"' in client.get(desk).content) == may
        assert client.post(desk, {"do": "remove", "article": member.pk}).status_code == (302 if may else 403)
        member.refresh_from_db()
        assert member.removed == may
        page = client.get("/admin/desk/triage/?mark=all").content.decode()
        assert ('value="remove"' in page, "<kbd>x</kbd>" in page) == (may, may)
        assert ('value="remove"' in client.get("/admin/articles/article/").content.decode()) == may
    lead.refresh_from_db()
    assert lead.removed

    action = Action.objects.filter(kind="remove").first()
    undo = f"/admin/articles/action/{action.pk}/undo/"
    assert logged_in(User.objects.get(username="editor")).post(undo).status_code == 403
    assert logged_in(User.objects.get(username="publisher")).post(undo).status_code == 302


def test_only_who_may_undo_is_offered_it_and_restores_no_withdrawal():
    story = make_story(make_article("Lead"), member := make_article("Member"))
    editor, publisher = logged_in(person("editor", "e")), logged_in(person("publisher", "p"))
    desk, form = f"/admin/desk/stories/{story.pk}/", f"/admin/articles/article/{member.pk}/"
    editor.post(desk, {"do": "text", "headline": "Ours"})
    publisher.post(desk, {"do": "remove", "article": member.pk})
    text, removal = Action.objects.get(kind="text"), Action.objects.get(kind="remove")
    row = removal.rows.get(model="article", key=member.pk)

    for client, may in ((editor, False), (publisher, True)):
        answer = client.get(desk)
        assert f"undo-{text.pk}" in answer.content.decode()
        assert undoable(answer.context["user"], [text, removal]) == ({text.pk, removal.pk} if may else {text.pk})
        assert ("?field=removed" in client.get(f"{form}history/").content.decode()) == may
        answer = client.get(f"/admin/desk/restore/{row.pk}/?field=removed")
        assert answer.status_code == (200 if may else 403)


def test_an_editor_merges_topics_and_undoes_it():
    kept, gone = make_topic("Harbour"), make_topic("Harbor")
    client = logged_in(person("editor"))

    client.post("/admin/desk/topics/merge/", {"pk": [kept.pk, gone.pk], "into": kept.pk})
    assert not Topic.objects.filter(pk=gone.pk).exists()
    client.post(f"/admin/articles/action/{Action.objects.get().pk}/undo/")
    assert Topic.objects.filter(pk=gone.pk).exists()


def test_an_editor_decides_about_fifty_at_once_and_a_publisher_about_more():
    articles = make_articles({"title": f"N{n}", "published": False} for n in range(51))
    editor, publisher = logged_in(person("editor", "e")), logged_in(person("publisher", "p"))
    for sent in ({}, {"select_across": "1"}):
        answer = press(editor, *articles, action="publish", **sent)
        assert answer.status_code == 403
        assert "50 rows at once" in answer.content.decode()
    assert "Select all 51" not in editor.get("/admin/articles/article/").content.decode()
    assert "Select all 51" in publisher.get("/admin/articles/article/").content.decode()

    press(editor, *articles[:50], action="publish")
    assert Article.objects.filter(published=True).count() == 50
    press(publisher, *articles, action="unpublish")
    assert Article.objects.filter(published=True).count() == 0
    action = Action.objects.filter(kind="unpublish").first()
    assert editor.post(f"/admin/articles/action/{action.pk}/undo/").status_code == 403


def test_an_editor_takes_topics_and_pictures_off_an_article():
    article = make_article(topics=[make_topic("Harbour"), make_topic("Quay")])
    ArticleImage.objects.create(article=article, url="https://i.example/a.jpg")
    client, form = logged_in(person("editor")), f"/admin/articles/article/{article.pk}/change/"
    fields = everything.fields(client.get(form))
    first = [name.replace("position", "DELETE") for name in fields if name.endswith("-0-position")]

    answer = client.post(form, fields | dict.fromkeys(first, "on") | {"_continue": ""})

    assert answer.status_code == 302, answer.context["errors"]
    assert Article.objects.get().topic_names == ["Quay"]
    assert not article.images.exists()
