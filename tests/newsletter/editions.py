"""Issues as the command builds them, for the tests of issues."""

from datetime import UTC, date, datetime

from django.core.management import call_command

from articles.models import Issue

DAY = date(2026, 11, 2)  # its window is the day of `make_article`


def build(day=DAY, **options):
    call_command("build_newsletter", date=day, no_progress=True, **options)
    return Issue.objects.filter(date=day, period=options.get("period", "day")).first()


def titles(issue):
    return [place.article.title for place in issue.places.select_related("article")]


def at(*moment):
    return datetime(*moment, tzinfo=UTC)
