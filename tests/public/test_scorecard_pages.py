"""The pages of scorecards."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from articles.models import Provider
from articles.public.scorecards import WINDOWS, in_brief, scorecard
from articles.templatetags.articles import duration, percent
from tests.factories import make_article
from tests.public.pages import text
from tests.public.scorecards import story_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(ours, theirs):
    """Store stories in which both providers report, in every period."""
    now = timezone.now()
    for days in (0.5, 3, 20, 200, 700):
        for first, second in ((ours, theirs), (theirs, ours)):
            story_of((first, now - timedelta(days=days)), (second, now - timedelta(days=days - 0.1)))


def test_a_scorecards_page_costs_at_most_eight_queries(client, ours, busy, django_assert_max_num_queries):
    for period in WINDOWS:
        with django_assert_max_num_queries(8):
            assert client.get("/providers/ours.example/scorecard/", {"period": period}).status_code == 200


def test_a_scorecards_page_shows_its_figures_and_a_chart(client, ours, busy):
    response = client.get("/providers/ours.example/scorecard/?period=all")

    page = response.content.decode()
    figures = re.findall(r'<dd class="figure">(.*?)</dd>', page)
    assert [unescape(figure).replace("\xa0", " ") for figure in figures] == [
        "10",
        "5",
        "50.0%",
        "5",
        "2 hours, 24 minutes",
        "80.0",
    ]
    assert page.count('<rect class="bar-') == 2 * sum(part.articles > 0 for part in response.context["parts"])


@pytest.mark.parametrize("asked", ["", "month", "fortnight", "\x00"])
def test_a_scorecards_page_covers_the_last_month_by_default(client, ours, busy, asked):
    assert client.get("/providers/ours.example/scorecard/", {"period": asked}).context["card"].period == "month"


def test_an_empty_scorecard_links_to_the_all_time_one(client, ours):
    make_article(provider=ours, published_at=timezone.now() - timedelta(days=90))

    page = text(client.get("/providers/ours.example/scorecard/"))

    assert "No articles by Ours were published here in the last month." in page
    assert '<a href="?period=all">See its all-time scorecard.</a>' in page


def test_a_providers_page_links_to_its_scorecard_and_shows_last_months_figures(client, ours, busy):
    page = client.get(ours.get_absolute_url()).content.decode()

    assert 'href="/providers/ours.example/scorecard/"' in page
    assert re.findall(r'<dd class="figure">(.*?)</dd>', page) == ["6", "3", "80.0"]


def test_a_providers_page_without_an_article_of_the_last_month_has_no_figures(client, ours):
    make_article(provider=ours, published_at=timezone.now() - timedelta(days=90))

    assert 'class="figure"' not in client.get(ours.get_absolute_url()).content.decode()


@pytest.mark.parametrize("period", WINDOWS)
def test_the_figures_in_brief_match_the_scorecard(ours, theirs, busy, period):
    now = timezone.now()
    for provider in Provider.objects.annotate(**in_brief(period, now)):
        whole = scorecard(provider, period, now)
        said = [provider.recent_articles, provider.recent_leads, provider.recent_quality]
        assert said == [whole.articles, whole.leads, whole.quality]


def test_an_unknown_provider_has_no_scorecard(client):
    assert client.get("/providers/nowhere.example/scorecard/").status_code == 404


def admin_page(provider):
    return reverse("admin:articles_provider_scorecard", args=[provider.pk])


def test_the_admins_scorecards_cost_at_most_thirty_queries(admin_client, ours, busy, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        response = admin_client.get(admin_page(ours))

    assert [found.articles for found in response.context["cards"]] == [2, 4, 6, 8, 10]


def test_a_providers_form_links_to_its_scorecard(admin_client, ours):
    page = admin_client.get(reverse("admin:articles_provider_change", args=[ours.pk])).content.decode()

    assert f'<a href="{admin_page(ours)}">Scorecard</a>' in page


@pytest.mark.parametrize(("permissions", "status"), [([], 403), (["view_article"], 403), (["view_provider"], 200)])
def test_the_admins_scorecards_need_the_permission_to_view_providers(client, ours, permissions, status):
    user = User.objects.create_user("someone", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)

    assert client.get(admin_page(ours)).status_code == status


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a minute"), (60, "1 minute"), (5400, "1 hour, 30 minutes"), (86400 * 9, "1 week, 2 days")],
)
def test_durations_have_at_most_two_units(seconds, words):
    assert duration(timedelta(seconds=seconds)).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0.0%"), (0.0004, "under 0.1%"), (0.0005, "0.1%"), (0.125, "12.5%"), (1, "100.0%")]
)
def test_shares_are_shown_as_percentages(share, words):
    assert percent(share) == words
