"""The log of the whole desk: what it finds, and what it costs."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.desk import log
from articles.models import Action, ActionRow, Article, ImportRun
from tests.factories import make_article

pytestmark = pytest.mark.django_db
LOG = "/admin/desk/log/"


@pytest.fixture
def done(admin_user):
    """Three actions and an import, the newest first by name."""
    now, other = timezone.now(), User.objects.create_user("other", is_staff=True)
    rows = [
        ("Newest", admin_user, "change", "article", 1),
        ("Middle <b>", other, "delete", "topic", 30),
        ("Oldest", other, "change", "boost", 90),
    ]
    for what, user, kind, about, hours in rows:
        action = Action.objects.create(what=what, user=user, kind=kind, about=about)
        Action.objects.filter(pk=action.pk).update(at=now - timedelta(hours=hours))
    run = ImportRun.objects.create(created=5, updated=2)
    ImportRun.objects.filter(pk=run.pk).update(started_at=now - timedelta(hours=60))
    return {"now": now, "other": other, "run": run}


def test_the_log_has_actions_and_imports_and_is_filtered(admin_client, done):
    day = f"{timezone.localtime(done['now'] - timedelta(hours=30)):%Y-%m-%d}"
    names = {"Newest": "Newest", "Middle": "Middle <b>", "Oldest": "Oldest", "Import": "5 created, 2 changed"}
    for asked, found in (
        ({}, ["Newest", "Middle", "Import", "Oldest"]),
        ({"who": done["other"].pk}, ["Middle", "Oldest"]),
        ({"who": "files"}, ["Import"]),
        ({"kind": "change"}, ["Newest", "Oldest"]),
        ({"kind": "import"}, ["Import"]),
        ({"model": "topic"}, ["Middle"]),
        ({"q": "DDLE <B"}, ["Middle"]),
        ({"since": day, "until": day}, ["Middle"]),
        ({"who": "x\0", "kind": "no"}, []),
        ({"since": "x", "until": "9999-99-99", "before": "x"}, ["Newest", "Middle", "Import", "Oldest"]),
    ):
        page = unescape(admin_client.get(LOG, asked).content.decode())
        lines = page.partition('<ol class="lines">')[2]
        assert [name for name, words in names.items() if words in lines] == sorted(found, key=list(names).index), asked


def test_the_log_goes_on_with_older_lines(admin_client, done, monkeypatch):
    monkeypatch.setattr(log, "PAGE", 2)
    monkeypatch.setattr(log, "LOOKED", 1)

    first = admin_client.get(LOG)
    second = admin_client.get(f"{LOG}?{first.context['next']}")
    found = admin_client.get(LOG, {"q": "Oldest"})
    pages = [found]
    while pages[-1].context["next"]:
        pages.append(admin_client.get(f"{LOG}?{pages[-1].context['next']}"))

    assert [str(row) for row, *_ in first.context["lines"]] == ["Newest", "Middle <b>"]
    assert [is_import for *_, is_import in second.context["lines"]] == [True, False]
    assert second.context["next"] == ""
    assert [len(page.context["lines"]) for page in pages] == [0, 0, 1]


@pytest.mark.usefixtures("done")
def test_the_pages_of_histories_cost_at_most_fifteen_queries(admin_client, admin_user):
    article = make_article()
    actions = Action.objects.bulk_create(
        Action(kind="change", what=f"Changed {n}", user=admin_user, about="article") for n in range(200)
    )
    for place, action in enumerate(actions):
        action.at = timezone.now() + timedelta(seconds=place)
    Action.objects.bulk_update(actions, ["at"])
    ActionRow.objects.bulk_create(
        ActionRow(action=action, model=model, key=key, before={column: before(n)}, after={column: before(n + 1)})
        for n, action in enumerate(actions)
        for model, key, column, before in (
            ("article", article.pk, "title", str),
            ("article", article.pk, "story_id", int),
            ("articletopic", n + 1, "name", str),
            ("boost", n + 1, "points", int),
        )
    )
    address = f"/admin/articles/article/{article.pk}/history/"
    pages = [LOG, f"{LOG}?q=Changed", address, f"/admin/articles/action/{actions[0].pk}/change/"]
    pages += [f"/admin/desk/restore/{ActionRow.objects.filter(model='article').first().pk}/"]
    for page in pages:
        with CaptureQueriesContext(connection) as made:
            assert admin_client.get(page).status_code == 200, page
        assert len(made) <= 15, (page, [query["sql"][:200] for query in made])
    seen, asked = 0, ""
    while asked is not None:
        shown = admin_client.get(address + asked)
        seen += len(shown.context["entries"])
        asked = f"?before={shown.context['next'].replace('+', '%2B')}" if shown.context["next"] else None
    assert seen == 200
    assert Article.objects.get().pk == article.pk


@pytest.mark.usefixtures("done")
def test_the_log_reads_each_page_from_an_index(admin_client):
    for asked in ({}, {"who": "1"}, {"kind": "change"}, {"model": "topic"}):
        plan = log.Asked(asked, None).actions()[:51].explain()
        assert "TEMP B-TREE" not in plan, asked
