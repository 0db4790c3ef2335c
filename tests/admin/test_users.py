"""Accounts: nobody gets rights from them that they do not have."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from articles.models import LogIn
from tests.admin import effects, everything

pytestmark = pytest.mark.django_db
ALL = ["view_user", "add_user", "change_user", "delete_user", "view_group", "add_group", "change_group", "delete_group"]


def other(kind):
    """Store an account with more rights than an editor of accounts has."""
    user = User.objects.create_user("other", is_staff=True, is_superuser=kind == "a superuser")
    if kind == "by a group":
        team = Group.objects.create(name="Team")
        team.permissions.add(Permission.objects.get(codename="change_article"))
        user.groups.add(team)
    elif kind != "a superuser":
        user.user_permissions.add(Permission.objects.get(codename="change_article"))
    User.objects.filter(pk=user.pk).update(is_active=kind != "closed")
    return user


@pytest.mark.attack(15)
@pytest.mark.parametrize("kind", ["a superuser", "with a right", "by a group", "closed"])
def test_nobody_takes_over_an_account_with_more_rights(client, kind):
    user = other(kind)
    client.force_login(effects.staff(*ALL))
    before = User.objects.filter(pk=user.pk).values().get()
    address = f"/admin/auth/user/{user.pk}"

    client.post(f"{address}/password/", {"password1": "n3w-Pass-word", "password2": "n3w-Pass-word"})
    client.post(f"{address}/change/", {"username": "other", "email": "mine@example.org"})
    client.post(f"{address}/delete/", {"post": "yes"})

    assert User.objects.filter(pk=user.pk).values().get() == before


@pytest.mark.attack(15)
@pytest.mark.parametrize("name", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_nobody_gives_rights_but_superusers(client, name):
    editor = effects.staff(*ALL)
    client.force_login(editor)
    team = Group.objects.create(name="Team")
    team.permissions.set(Permission.objects.all())
    address = f"/admin/auth/user/{editor.pk}/change/"
    value = {"user_permissions": [Permission.objects.first().pk], "groups": [team.pk]}.get(name, "on")

    answer = client.post(address, everything.fields(client.get(address)) | {"first_name": "Ed", name: value})

    editor = User.objects.get(pk=editor.pk)
    assert (answer.status_code, editor.first_name) == (302, "Ed")
    assert not editor.is_superuser
    assert not editor.has_perm("articles.change_article")


@pytest.mark.attack(15)
def test_nobody_gives_a_group_rights_but_superusers(client):
    group = Group.objects.create(name="Team")
    client.force_login(effects.staff(*ALL))

    client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "A team", "permissions": [1, 2]})

    group.refresh_from_db()
    assert (group.name, group.permissions.count()) == ("A team", 0)


def test_an_account_that_logged_in_can_be_deleted(admin_client):
    user = User.objects.create_user("other")
    LogIn.objects.create(user=user, outcome="success")

    admin_client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=user.pk).exists()
