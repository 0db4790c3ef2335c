"""How outlets did: one rule each, and all of them against loops over every row."""

import random
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from statistics import median

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from articles.models import PERIODS, Article, Provider, Story
from articles.public.charts import stacked_bars
from articles.public.scorecards import BARS, WINDOWS, in_brief, parts, scorecard
from articles.sync.files import find
from articles.sync.importer import import_files
from articles.templatetags.articles import duration, percent
from tests.factories import make_article, make_provider, make_source, make_story
from tests.paths import AZURE, needs_corpus

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def ago(**span):
    return NOW - timedelta(**span)


@pytest.fixture
def ours():
    return make_provider("ours.example", name="Ours")


@pytest.fixture
def theirs():
    return make_provider("theirs.example", name="Theirs")


def card(provider, period="all"):
    return scorecard(provider, period, NOW)


def test_articles_count_in_the_window_they_were_published_in(ours):
    for days in (0, 0.5, 1, 6, 29, 364, 999):
        make_article(provider=ours, published_at=ago(days=days))

    assert [card(ours, period).articles for period in WINDOWS] == [3, 4, 5, 6, 7]


@pytest.mark.parametrize(
    "hidden",
    [
        {"published": False},
        {"published": False, "heat": -1},
        {"removed": True},
        {"published_at": NOW + timedelta(seconds=1)},
    ],
    ids=["not published", "below no lead", "removed", "in the future"],
)
def test_what_readers_do_not_see_counts_nowhere(ours, hidden):
    make_article(provider=ours, **hidden)

    found = card(ours)

    assert (found.articles, found.leads, found.total, found.quality) == (0, 0, 0, None)


def test_coverage_below_a_published_lead_counts_but_does_not_lead(ours, theirs):
    make_story(make_article(provider=theirs), make_article(provider=ours))

    assert (card(ours).articles, card(ours).leads) == (1, 0)
    assert (card(theirs).articles, card(theirs).leads) == (1, 1)


@pytest.mark.parametrize("hidden", [{"published": False}, {"removed": True}, {"published_at": NOW + timedelta(days=1)}])
def test_coverage_below_a_lead_that_readers_do_not_see_counts_nowhere(ours, theirs, hidden):
    lead = make_article(provider=theirs)
    make_story(lead, make_article(provider=ours), make_article(provider=theirs))
    Article.objects.filter(pk=lead.pk).update(**hidden)

    found = card(ours)

    assert (found.articles, found.total, found.first, found.lag) == (0, 0, 0, None)


def test_an_article_in_no_story_leads(ours):
    make_article(provider=ours)

    assert card(ours).leads == 1


def test_share_is_of_all_articles_in_the_window(ours, theirs):
    make_article(provider=ours, published_at=ago(days=2))
    make_story(*(make_article(provider=theirs, published_at=ago(days=2)) for _ in range(3)))
    make_article(provider=theirs, published_at=ago(days=20))

    assert card(ours, "week").share == 1 / 4
    assert card(ours, "month").share == 1 / 5
    assert card(ours, "day").share == 0


def test_quality_is_the_mean_of_its_articles(ours, theirs):
    for quality in (60, 70, 95):
        make_article(provider=ours, quality=quality)
    make_article(provider=theirs, quality=10)

    assert card(ours).quality == 75


def story_of(*articles):
    """A story of a provider's article at each moment, the first of which leads."""
    return make_story(*(make_article(provider=provider, published_at=moment) for provider, moment in articles))


def test_the_first_to_report_is_the_one_that_published_first_whoever_leads(ours, theirs):
    story_of((theirs, ago(hours=1)), (ours, ago(hours=2)))

    assert (card(ours).first, card(theirs).first) == (1, 0)


def test_of_equals_the_first_file_name_was_first(ours, theirs):
    moment = ago(hours=1)
    make_story(
        make_article(provider=theirs, published_at=moment, stem="a"),
        make_article(provider=ours, published_at=moment, stem="a-b"),  # a-b.md comes before a.md
    )

    assert (card(ours).first, card(theirs).first) == (1, 0)
    assert (card(ours).lag, card(theirs).lag) == (None, timedelta(0))


def test_a_story_of_one_article_has_no_first(ours):
    story_of((ours, ago(hours=1)))
    make_article(provider=ours)

    assert card(ours).first == 0


def test_articles_that_readers_do_not_see_are_not_the_first(ours, theirs):
    story_of((theirs, ago(hours=1)), (ours, ago(hours=2)), (theirs, ago(hours=3)))
    Article.objects.filter(published_at=ago(hours=3)).update(removed=True)

    assert (card(ours).first, card(theirs).lag) == (1, timedelta(hours=1))


def test_lag_is_the_median_from_the_first_article_to_the_outlets_own_first(ours, theirs):
    for hours in (1, 5, 30):
        story_of((theirs, ago(hours=50)), (ours, ago(hours=50 - hours)), (ours, ago(hours=2)))

    assert card(ours).lag == timedelta(hours=5)
    assert card(theirs).lag is None


def test_the_median_of_an_even_number_of_lags_is_half_way(ours, theirs):
    for hours in (1, 4):
        story_of((theirs, ago(hours=50)), (ours, ago(hours=50 - hours)))

    assert card(ours).lag == timedelta(hours=2.5)


def test_an_outlet_that_was_first_is_not_behind_with_its_later_articles(ours, theirs):
    story_of((ours, ago(hours=9)), (ours, ago(hours=3)), (theirs, ago(hours=6)))

    assert (card(ours).first, card(ours).lag) == (1, None)


def test_a_story_belongs_to_the_window_of_its_first_article(ours, theirs):
    story_of((theirs, ago(hours=30)), (ours, ago(hours=20)))

    assert (card(ours, "day").articles, card(ours, "day").lag) == (1, None)
    assert card(ours, "week").lag == timedelta(hours=10)


def test_an_outlet_without_articles_has_an_empty_card(ours):
    found = card(ours)

    assert (found.articles, found.share, found.start, found.end, parts(ours, found, NOW)) == (0, 0, None, None, [])


def test_the_parts_of_a_window_are_equal_and_hold_its_articles(ours, theirs):
    for days in (0, 2.9, 3, 30):
        make_article(provider=ours, published_at=ago(days=days))
    make_story(make_article(provider=theirs), make_article(provider=ours, published_at=ago(days=1)))

    found = parts(ours, card(ours, "month"), NOW)

    assert [part.start for part in found] == [ago(days=days) for days in range(30, 0, -3)]
    assert [(part.led, part.others) for part in found] == [(1, 0), *[(0, 0)] * 8, (3, 1)]


def test_the_parts_of_all_time_run_from_the_first_to_the_last_article(ours):
    for days in (500, 120, 20):
        make_article(provider=ours, published_at=ago(days=days))

    found = parts(ours, card(ours), NOW)

    assert (found[0].start, found[1].start) == (ago(days=500), ago(days=460))
    assert [part.led for part in found] == [1, *[0] * 8, 1, 0, 1]


def test_one_moment_is_one_part(ours):
    make_article(provider=ours)

    assert [part.articles for part in parts(ours, card(ours), NOW)] == [1]


# The pages.


@pytest.fixture
def busy(ours, theirs):
    """Stories in which both outlets report, in every window."""
    now = timezone.now()
    for days in (0.5, 3, 20, 200, 700):
        for first, second in ((ours, theirs), (theirs, ours)):
            story_of((first, now - timedelta(days=days)), (second, now - timedelta(days=days - 0.1)))


def test_the_page_costs_at_most_eight_queries(client, ours, busy, django_assert_max_num_queries):
    for period in WINDOWS:
        with django_assert_max_num_queries(8):
            assert client.get("/providers/ours.example/scorecard/", {"period": period}).status_code == 200


def test_the_page_says_the_figures_and_draws_them(client, ours, busy):
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
def test_the_page_is_of_the_last_month_unless_told_otherwise(client, ours, busy, asked):
    assert client.get("/providers/ours.example/scorecard/", {"period": asked}).context["card"].period == "month"


def test_a_window_without_articles_leads_to_all_time(client, ours):
    make_article(provider=ours, published_at=timezone.now() - timedelta(days=90))

    page = client.get("/providers/ours.example/scorecard/").content.decode()

    assert "Nothing of Ours was published here in the last month." in page
    assert '<a href="?period=all">See its scorecard of all time.</a>' in page


def test_the_providers_page_links_to_its_scorecard_and_says_the_last_month_in_brief(client, ours, busy):
    page = client.get(ours.get_absolute_url()).content.decode()

    assert 'href="/providers/ours.example/scorecard/"' in page
    assert re.findall(r'<dd class="figure">(.*?)</dd>', page) == ["6", "3", "80.0"]


def test_a_providers_page_without_an_article_of_the_last_month_has_no_figures(client, ours):
    make_article(provider=ours, published_at=timezone.now() - timedelta(days=90))

    assert 'class="figure"' not in client.get(ours.get_absolute_url()).content.decode()


@pytest.mark.parametrize("period", WINDOWS)
def test_in_brief_is_what_the_scorecard_says(ours, theirs, busy, period):
    now = timezone.now()
    for provider in Provider.objects.annotate(**in_brief(period, now)):
        whole = scorecard(provider, period, now)
        said = [provider.recent_articles, provider.recent_leads, provider.recent_quality]
        assert said == [whole.articles, whole.leads, whole.quality]


def test_an_unknown_outlet_has_no_scorecard(client):
    assert client.get("/providers/nowhere.example/scorecard/").status_code == 404


def desk_page(provider):
    return reverse("admin:articles_provider_scorecard", args=[provider.pk])


def test_the_desks_page_costs_at_most_thirty_queries(admin_client, ours, busy, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        response = admin_client.get(desk_page(ours))

    assert [found.articles for found in response.context["cards"]] == [2, 4, 6, 8, 10]


def test_a_providers_form_links_to_its_scorecard(admin_client, ours):
    page = admin_client.get(reverse("admin:articles_provider_change", args=[ours.pk])).content.decode()

    assert f'<a href="{desk_page(ours)}">Scorecard</a>' in page


@pytest.mark.parametrize(("permissions", "status"), [([], 403), (["view_article"], 403), (["view_provider"], 200)])
def test_the_desks_page_is_for_those_who_may_see_providers(client, ours, permissions, status):
    user = User.objects.create_user("someone", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)

    assert client.get(desk_page(ours)).status_code == status


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a minute"), (60, "1 minute"), (5400, "1 hour, 30 minutes"), (86400 * 9, "1 week, 2 days")],
)
def test_durations_are_told_in_two_units(seconds, words):
    assert duration(timedelta(seconds=seconds)).replace("\xa0", " ") == words


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0.0%"), (0.0004, "under 0.1%"), (0.0005, "0.1%"), (0.125, "12.5%"), (1, "100.0%")]
)
def test_shares_are_told_as_percentages(share, words):
    assert percent(share) == words


def test_bars_stack_and_the_tallest_column_fills_the_chart():
    bars = stacked_bars([{"a": 3, "b": 1}, {"a": 0, "b": 2}, {"a": 0, "b": 0}], width=90, height=40)

    assert bars == [("a", 3, 10, 24, 30), ("b", 3, 0, 24, 10), ("b", 33, 20, 24, 20)]


def test_a_small_number_beside_a_large_one_is_still_seen():
    (_, small) = stacked_bars([{"a": 100_000}, {"a": 1}], width=90, height=40)

    assert (small.y, small.height) == (39, 1)


# The whole against plain loops.


def seen_by_readers(now):
    """Every article that readers see, and by story the ones of those whose lead is published: in plain Python."""
    articles, leads = list(Article.objects.all()), dict(Story.objects.values_list("pk", "lead"))
    by_pk = {article.pk: article for article in articles}

    def is_public(article):
        return article.published and not article.removed and article.published_at <= now

    def has_public_lead(article):
        lead = by_pk.get(leads.get(article.story_id))
        return lead is not None and is_public(lead)

    def is_below(article):
        may = (article.published or article.heat == -1) and not article.removed and article.published_at <= now
        return may and has_public_lead(article)

    seen = [article for article in articles if is_public(article) or is_below(article)]
    stories = {}
    for article in seen:
        if is_below(article):
            stories.setdefault(article.story_id, []).append(article)
    leading = {a.pk for a in seen if is_public(a) and leads.get(a.story_id) in (None, a.pk)}
    return seen, stories, leading


def recomputed(provider, period, now, seen, stories, leading):
    """What a scorecard should say, as a tuple."""
    start = now - timedelta(days=PERIODS[period]) if period in PERIODS else datetime(1, 1, 1, tzinfo=UTC)
    in_window = [article for article in seen if article.published_at >= start]
    own = [article for article in in_window if article.provider_id == provider.pk]
    first, lags = 0, []
    for members in stories.values():
        order = sorted(members, key=lambda article: (article.published_at, article.file_name.encode(), article.pk))
        mine = [article for article in order if article.provider_id == provider.pk]
        if len(order) < 2 or not mine or order[0].published_at < start:
            continue
        if mine[0] is order[0]:
            first += 1
        else:
            lags.append(mine[0].published_at - order[0].published_at)
    return (
        len(own),
        sum(article.pk in leading for article in own),
        pytest.approx(len(own) / len(in_window) if in_window else 0),
        first,
        median(lags) if lags else None,
        pytest.approx(sum(article.quality for article in own) / len(own)) if own else None,
    )


def assert_cards_are_right(providers, now):
    facts = seen_by_readers(now)
    for provider in providers:
        for period in WINDOWS:
            found = scorecard(provider, period, now)
            values = (found.articles, found.leads, found.share, found.first, found.lag, found.quality)
            assert values == recomputed(provider, period, now, *facts), (provider.domain, period)
            shown = parts(provider, found, now)
            assert len(shown) in (0, 1, BARS[period])
            assert (sum(part.articles for part in shown), sum(part.led for part in shown)) == values[:2]


def fill(chance):
    """300 articles of 12 providers, 160 of them in 60 stories; some removed, not published, ahead of NOW or equal."""
    providers = [make_provider(f"p{n}.example") for n in range(12)]
    source = make_source()
    stories = [Story.objects.create(source=source) for _ in range(60)]
    rows = []
    for n in range(300):
        days = chance.choice([1, 7, 30, 365, 900]) * chance.random() - (0.5 if chance.random() < 0.1 else 0)
        moment = NOW.replace(microsecond=0) - timedelta(minutes=round(days * 1440))
        story = chance.choice(stories) if n < 160 else None
        rows.append(
            Article(
                title=f"Article {n}",
                stem=f"{chance.choice('ab')}{chance.choice(['', '-', '.'])}{n}",
                source=source,
                provider=chance.choice(providers),
                story=story,
                published_at=moment,
                quality=chance.randrange(100),
                heat=chance.choice([-1, -1, 80]) if story else 80,
                published=chance.random() < 0.6,
                removed=chance.random() < 0.1,
            )
        )
    for article, other in zip(rows[:160:4], rows[1:160:4], strict=True):  # of one story and one moment
        other.story, other.published_at = article.story, article.published_at
    Article.objects.bulk_create(rows)
    for story in stories:
        members = list(story.articles.order_by("pk"))
        if members and chance.random() < 0.9:
            chosen = [a for a in members if a.published and not a.removed] if chance.random() < 0.8 else members
            story.lead = chance.choice(chosen or members)
            story.save()
    return providers


@pytest.mark.parametrize("seed", range(3))
def test_scorecards_equal_loops_over_every_row(seed):
    providers = fill(random.Random(seed))  # noqa: S311 (a sample, not a secret)

    assert sum(card(provider).first for provider in providers) > 10
    assert sum(card(provider).lag is not None for provider in providers) > 6
    assert_cards_are_right(providers, NOW)


@pytest.mark.slow
@needs_corpus
def test_scorecards_of_a_real_site_equal_loops_over_every_row():
    import_files(find(str(AZURE)), "azure")
    busiest = Provider.objects.annotate(number=Count("articles")).order_by("-number", "domain")[:10]

    assert_cards_are_right(busiest, datetime(2021, 8, 29, tzinfo=UTC))
