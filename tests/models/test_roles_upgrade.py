"""The upgrade that brings roles takes no right away."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from articles.models import Role

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
NEW = {"articles.withdraw_article", "articles.decide_many"}
HELD = {  # what somebody had before, and what they have of the new permissions after
    "change_article": NEW,
    "delete_boost": {"articles.decide_many"},
    "send_issue": {"articles.decide_many"},
    "view_article": set(),
}


@pytest.fixture
def before_roles():
    """The models of the last version without roles, on its tables and without the new permissions."""
    executor = MigrationExecutor(connection)
    executor.migrate([("articles", "0029_triage")])
    apps = executor.loader.project_state([("articles", "0029_triage")]).apps
    apps.get_model("auth", "Permission").objects.filter(codename__in=["withdraw_article", "decide_many"]).delete()
    apps.get_model("auth", "Group").objects.all().delete()
    yield apps
    call_command("migrate", verbosity=0)


@pytest.mark.parametrize("by", ["person", "group"])
def test_whoever_could_do_it_before_may_withdraw_and_decide_about_many(before_roles, by):
    permissions = before_roles.get_model("auth", "Permission").objects
    for codename in HELD:
        user = before_roles.get_model("auth", "User").objects.create(username=codename)
        if by == "person":
            user.user_permissions.add(permissions.get(codename=codename))
        else:
            group = before_roles.get_model("auth", "Group").objects.create(name=codename)
            group.permissions.add(permissions.get(codename=codename))
            user.groups.add(group)

    for _ in range(2):
        call_command("migrate", verbosity=0)

    found = {user.username: user.get_all_permissions() for user in User.objects.all()}
    assert found == {name: {f"articles.{name}"} | new for name, new in HELD.items()}
    assert Role.objects.count() == 4
    assert Group.objects.count() == 4 + (len(HELD) if by == "group" else 0)
