"""The newsletter of a real site, day after day, against what its files say. Run by `pytest -m slow`."""

import json
import os
import re
import subprocess
import sys
import tarfile
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b

import pytest
from django.core.management import call_command

from articles.models import Article, Issue, IssueArticle
from articles.newsletter import issues as newsletter_issues
from articles.sync.files import find
from articles.sync.importer import import_files
from tests.paths import AZURE, ROOT, needs_corpus

pytestmark = [pytest.mark.slow, pytest.mark.django_db, needs_corpus]

LAST = date(2021, 8, 29)
DATES = [LAST - timedelta(days=n) for n in range(199, -1, -1)]  # 200 consecutive ones


@pytest.fixture(scope="module")
def azure(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        import_files(find(str(AZURE)), "azure")
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def site(azure, db):
    return azure


def files():
    """What decides of each article's file: read by other means than ours."""
    with tarfile.open(AZURE) as archive:
        for member in archive:
            if re.search(r"/_news/[^/]+\.md$", member.name):
                text = archive.extractfile(member).read().decode()
                keys = dict(re.findall(r"^(heat|quality|published|removed|publishedDateTime): (\S+)$", text, re.M))
                yield member.name.rpartition("/")[2], keys


def expected(days):
    """Every issue's file names: by heat, then quality, newness, name; of those published, each once."""
    shown = []
    for name, keys in files():
        if keys.get("published") == "true" and keys.get("removed") != "true" and keys["heat"] != "-1":
            moment = datetime.fromisoformat(keys["publishedDateTime"])
            shown.append((-int(keys["heat"]), -int(keys["quality"]), -moment.timestamp(), name, moment))
    left, issues = sorted(shown), {}
    for day in DATES:
        end = datetime.combine(day, time(), UTC)
        found = [article for article in left if end - timedelta(days=days) <= article[4] < end][:20]
        left = [article for article in left if article not in found]
        if found:
            issues[day] = [article[3] for article in found]
    return issues


def built(period):
    for day in DATES:
        newsletter_issues.build(day, period)
    return list(Issue.objects.order_by("date"))


@pytest.mark.parametrize(("period", "days"), [("day", 1), ("week", 7)])
def test_two_hundred_consecutive_issues_have_what_the_files_say_and_no_article_twice(site, period, days):
    issues = built(period)

    found = {issue.date: list(issue.places.values_list("article__file_name", flat=True)) for issue in issues}
    everything = [name for names in found.values() for name in names]
    assert found == expected(days)
    assert len(everything) == len(set(everything)) > 200
    assert len(issues) > 50


def test_every_article_of_every_issue_is_published_and_leads_or_is_alone(site):
    built("day")

    for article in Article.objects.filter(newsletter_place__isnull=False).select_related("story"):
        issue = article.newsletter_place.issue
        start = datetime.combine(issue.date, time(), UTC) - timedelta(days=1)
        assert article.published
        assert not article.removed
        assert article.story is None or article.story.lead_id == article.pk
        assert start <= article.published_at < start + timedelta(days=1)


def digest(issues):
    whole = [[str(issue.date), issue.subject, issue.html, issue.text] for issue in issues]
    return blake2b(json.dumps(whole).encode()).hexdigest()


def test_all_issues_built_from_scratch_are_the_same_to_the_byte(site):
    first = digest(built("day"))
    Issue.objects.all().delete()
    assert not IssueArticle.objects.exists()

    assert digest(built("day")) == first


ELSEWHERE = """
import django; django.setup()
from tests.newsletter import test_corpus as these
these.import_files(these.find(str(these.AZURE)), "azure")
print(these.digest(these.built("day")))
"""


def test_another_database_builds_the_same_bytes(site, tmp_path):
    """Another one of the same kind; when this runs on PostgreSQL, one of the other kind."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path}/other.sqlite3",
        "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        "PYTHONPATH": str(ROOT),
    }

    def run(*command):
        return subprocess.check_output([sys.executable, *command], cwd=ROOT, env=environment, text=True).strip()

    run("manage.py", "migrate", "-v0")

    assert run("-c", ELSEWHERE) == digest(built("day"))


def test_every_issue_fits_into_a_mail(site):
    for issue in built("week"):
        assert len(issue.html.encode()) < 100_000  # beyond that Gmail shows the beginning only
        assert max(len(line.encode()) for line in (issue.html + issue.text).splitlines()) < 998
