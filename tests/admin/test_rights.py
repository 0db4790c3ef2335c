"""A right changes what it names and nothing else, whatever page, button or action its holder uses."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from articles.models import Article, Story
from articles.sync.importer import import_files
from tests.admin import effects, everything
from tests.factories import make_file

pytestmark = pytest.mark.django_db

# Besides the rows of its own model, and those below, what a right changes.
PARTS = {
    "article": {"articleimage", "articletag", "articletopic", "importedfile", "deletedarticle", "mark"},
    "topic": {"topicalias"},
    "user": {"login", "secondfactor", "opensession", "user_permissions"},
    "subscriber": {"delivery"},  # deleted with it
    "issue": {"issuearticle"},
    "importrun": {"upload"},
}
ALSO = {
    "send_issue": {"issue", "issuearticle", "delivery"},
}
MODELS = [model._meta.model_name for model in admin.site._registry]
ALL_VIEWS = [f"view_{name}" for name in MODELS]


@pytest.fixture(scope="module")
def rows(module_db):
    import_files([make_file("lead", title="The file's"), make_file("other")])
    rows = everything.make_rows()
    imported = Article.objects.get(stem="lead")
    Article.objects.filter(pk=imported.pk).update(title="The editor's", story=rows[Story])
    return rows | {Article: imported}


@pytest.fixture(scope="module")
def asked(rows):
    """All that the admin takes, and the content before it."""
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("root", "root@example.org"))
    return effects.requests(client, rows)


@pytest.fixture
def changes(asked, settings):
    """Return a function: what each request of a user changes, by what was asked."""
    settings.NEWSROOM_SENDS_MAIL = True

    def find(user, allowed=()):
        client = Client(raise_request_exception=False)
        if user:
            client.force_login(user)
        found = [(address, data, effects.effect(client, address, data, allowed)) for address, data in asked]
        return [(address, data.get("do") or data.get("action"), what) for address, data, what in found if what]

    return find


@pytest.mark.slow
def test_a_superuser_can_do_everything_that_is_tried(changes):
    """Else these tests would prove nothing."""
    found = changes(User.objects.get(username="root"))
    reached = set().union(*(what for _, _, what in found))

    assert {*MODELS, "articleimage", "articletag", "articletopic"} - {"login", "action"} <= reached
    assert len(found) > 90


@pytest.mark.attack(15)
@pytest.mark.parametrize("who", ["anonymous", "a reader", "staff without rights", "a viewer of everything"])
def test_nobody_changes_anything_without_a_right_to(changes, who):
    users = {
        "anonymous": lambda: None,
        "a reader": lambda: User.objects.create_user("reader"),
        "staff without rights": effects.staff,
        "a viewer of everything": lambda: effects.staff(*ALL_VIEWS, "view_secured"),
    }

    assert changes(users[who]()) == []


RIGHTS = sorted(
    f"{verb}_{name}" for name in [*MODELS, "articleimage", "articletag", "articletopic", "providerimage"]
    for verb in ("add", "change", "delete")
)  # fmt: skip


QUICK = ["change_suggestion", "change_conflict", "change_story", "delete_topic", "send_issue"]


@pytest.mark.attack(15)
@pytest.mark.parametrize(
    "right",
    [
        *QUICK,
        *(pytest.param(right, marks=pytest.mark.slow) for right in [*RIGHTS, "view_secured"] if right not in QUICK),
    ],
)
def test_a_right_changes_only_what_it_names(changes, right):
    """Its holder may look at everything too."""
    name = right.partition("_")[2]
    drafts = {"draft"}  # of forms that its holder may save
    allowed = {name} | drafts | PARTS.get(name, set()) | ALSO.get(right, set())

    assert changes(effects.staff(right, *ALL_VIEWS), allowed) == []
