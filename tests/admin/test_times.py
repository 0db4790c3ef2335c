"""Times, withdrawals and corrections at the desk: what a form does, in whose zone, what readers see, and undo."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from articles.models import Action, Article, Preference, State
from articles.stories import undo
from articles.sync.importer import import_files
from tests.admin.forms import change
from tests.factories import make_article, make_file, make_story

pytestmark = pytest.mark.django_db


def in_new_york(client):
    client.post("/admin/account/", {"time_zone": "America/New_York"})
    return client


def test_a_form_reads_and_shows_times_in_a_persons_own_zone_and_readers_see_utc(admin_client, client):
    article = make_article("Ferries", published_at=datetime(2026, 11, 1, 12, tzinfo=UTC))
    in_new_york(admin_client)

    change(admin_client, article, live_at_0="2026-11-02", live_at_1="20:30")

    article.refresh_from_db()
    assert article.live_at == datetime(2026, 11, 3, 1, 30, tzinfo=UTC)
    page = admin_client.get(f"/admin/articles/article/{article.pk}/change/").content.decode()
    assert 'value="20:30:00"' in page and "Time (America/New_York):" in page  # noqa: PT018 (one page)
    assert "2026-11-01 07:00" in admin_client.get("/admin/articles/article/").content.decode()
    assert "12:00 UTC" in client.get(article.get_absolute_url()).content.decode()


def test_a_zone_is_kept_for_the_next_log_in_and_only_known_ones_are_taken(admin_client, admin_user):
    in_new_york(admin_client)
    admin_client.post("/admin/account/", {"time_zone": "Nowhere/Else"})
    admin_client.logout()
    admin_client.force_login(admin_user)

    assert Preference.objects.get().time_zone == "America/New_York"
    assert "Times in America/New_York" in admin_client.get("/admin/").content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"live_at_0": "2099-01-01", "live_at_1": "10:00"},
        {"ends_at_0": "2099-01-01", "ends_at_1": "10:00"},
        {"removed": "on", "published": None, "withdrawal_note": "It was wrong.", "reason": "The outlet took it back"},
        {"correction": "The ferry is blue, not green."},
    ],
    ids=["goes live", "ends", "withdrawn", "corrected"],
)
def test_what_is_decided_about_time_is_recorded_with_its_reason_and_undone(admin_client, admin_user, values):
    article = make_article("Ferries")
    columns = ("published", "removed", "live_at", "ends_at", "withdrawal_note", "correction", "corrected_at")
    before = Article.objects.values(*columns).get(pk=article.pk)

    change(admin_client, article, **values)

    assert Article.objects.values(*columns).get(pk=article.pk) != before
    action = Action.objects.get()
    assert "Ferries" in action.what
    assert action.reason == values.get("reason", "")
    undo.undo(action, admin_user)
    assert Article.objects.values(*columns).get(pk=article.pk) == before


def test_an_import_leaves_an_editors_times_alone():
    import_files([make_file("ferries", published=True, quality=80)])
    article = Article.objects.get()
    later = timezone.now() + timedelta(days=1)
    Article.objects.update(live_at=later, correction="Blue.", withdrawal_note="Why")

    import_files([make_file("ferries", published=True, quality=80, title="Another title")])

    article.refresh_from_db()
    assert (article.title, article.live_at) == ("Another title", later)
    assert (article.correction, article.withdrawal_note) == ("Blue.", "Why")


def test_a_withdrawn_article_says_why_at_its_address_and_nothing_else(client):
    article = make_article("Ferries", published=False, removed=True, withdrawal_note="<b>It was wrong.")

    response = client.get(article.get_absolute_url())

    page = response.content.decode()
    assert (response.status_code, response["X-Robots-Tag"]) == (410, "noindex")
    assert "It was wrong." in page
    assert "Ferries" not in page
    assert client.get("/sitemap.xml").content.decode().count("<loc>") == 4  # the lists


def test_a_correction_is_on_the_page_and_in_the_feeds(client):
    article = make_article("Ferries", correction="Blue, not green.", corrected_at=timezone.now())

    assert "Blue, not green." in client.get(article.get_absolute_url()).content.decode()
    for name in ("rss.xml", "atom.xml", "feed.json"):
        assert "Correction: Blue, not green." in client.get(f"/feeds/{name}").content.decode()


def test_the_list_shows_and_filters_each_state(admin_client):
    later, ago = timezone.now() + timedelta(days=1), timezone.now() - timedelta(days=1)
    lead, coverage = make_article("A lead"), make_article("A coverage")
    make_story(lead, coverage)
    rows = {
        State.NEW: make_article("A new", published=False, heat=None),
        State.COVERAGE: coverage,
        State.PUBLISHED: lead,
        State.SCHEDULED: make_article("A scheduled", live_at=later),
        State.ENDED: make_article("An ended", ends_at=ago),
        State.REMOVED: make_article("A removed", removed=True),
    }
    for state, article in rows.items():
        response = admin_client.get("/admin/articles/article/", {"state": state})
        assert list(response.context["cl"].result_list) == [article]
        assert f'state-{state}">{state.label}<' in response.content.decode()


def test_saving_says_that_a_story_will_end_with_its_lead_and_what_is_not_published_does_not_go_live(admin_client):
    lead, coverage = make_article("A lead"), make_article("A coverage")
    make_story(lead, coverage)
    moment = {"ends_at_0": "2099-01-01", "ends_at_1": "10:00"}
    change(admin_client, lead, **moment)
    assert "readers will no longer see its story" in admin_client.get("/admin/").content.decode()
    change(admin_client, make_article("A new", published=False, heat=None), **moment)
    assert "does not go live by itself" in admin_client.get("/admin/").content.decode()
