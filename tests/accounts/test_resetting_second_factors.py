"""A second factor that is lost: superusers and whoever runs the site reset it, nobody else does."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command

from articles.models import LogIn, SecondFactor
from tests.accounts.editors import PASSWORD, WRONG, is_in, log_in, make_editor, protect, user_factor

pytestmark = pytest.mark.django_db


def test_a_superuser_resets_the_second_factor_of_another(client, other, editor):
    user = make_editor("second")
    protect(user)
    client.force_login(editor)
    factor = user_factor(user).get()
    page = client.get("/admin/articles/secondfactor/").content.decode()
    assert "second" in page
    assert factor.secret not in page + client.get(f"/admin/articles/secondfactor/{factor.pk}/change/").content.decode()

    client.post(f"/admin/articles/secondfactor/{factor.pk}/delete/", {"post": "yes"})

    assert log_in(other, "second").headers["Location"] == "/admin/"
    assert is_in(other)


@pytest.mark.attack(15)
def test_other_staff_see_and_reset_no_second_factor(client, editor):
    protect(editor)
    client.force_login(User.objects.create_user("helper", is_staff=True))
    pk = user_factor(editor).get().pk

    for address in ("", f"{pk}/change/", f"{pk}/delete/"):
        assert client.get(f"/admin/articles/secondfactor/{address}").status_code == 403
    client.post(f"/admin/articles/secondfactor/{pk}/delete/", {"post": "yes"})

    assert user_factor(editor).exists()


@pytest.mark.parametrize("is_superuser", [True, False])
def test_an_account_is_deleted_with_its_second_factor_and_its_records_stay(client, other, is_superuser):
    by = User.objects.create_user("by", password=PASSWORD, is_staff=True, is_superuser=is_superuser)
    by.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "delete_user"]))
    user = User.objects.create_user("second", password=PASSWORD, is_staff=True)
    protect(user)
    log_in(other, "second", WRONG)
    client.force_login(by)

    client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})

    assert list(User.objects.all()) == [by]
    assert not SecondFactor.objects.exists()
    assert LogIn.objects.get().user is None


def test_whoever_runs_the_site_resets_a_second_factor(editor, capsys):
    protect(editor)

    call_command("reset_second_factor", "chief")
    assert not SecondFactor.objects.exists()
    call_command("reset_second_factor", "chief")

    assert [line.partition(";")[0] for line in capsys.readouterr().out.splitlines()] == [
        "chief logs in with a password only, until a second factor is set up",
        "chief had no second factor",
    ]
    with pytest.raises(CommandError, match="expected the name of an account, found 'nobody'"):
        call_command("reset_second_factor", "nobody")
