"""Is the database sound, and is everything done that was due?"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from ..models import Article, Boost, ImportRun, Issue, LastRun, ReindexRequest, SearchEntry, Subscriber
from .findings import Found, check, check_of_rows, database_file

MANAGE = ".venv/bin/python manage.py"
AHEAD = timedelta(minutes=5)  # that a clock may be off
LATE = timedelta(minutes=10)  # for what runs every minute
LONG_IMPORT, LONG_SENDING = timedelta(hours=6), timedelta(hours=6)
OLD_SESSIONS = timedelta(days=7)
OLDEST_POSTGRESQL = 150000
MANY_SUBSCRIBERS = 1000  # that wait to be confirmed


def database_name() -> str:
    return str(database_file() or connection.settings_dict["NAME"])


@check
def database() -> Found:
    """Look whether the database answers, is whole and can be written to."""
    path = database_file()
    if path and not path.exists():
        yield str(path), "The database is not there.", f"{MANAGE} migrate (or: {MANAGE} restore FILE)"
        return
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA quick_check(1)")
                if (said := cursor.fetchone()[0]) != "ok":
                    yield database_name(), f"The database is damaged: {said}", f"{MANAGE} restore FILE --force"
                cursor.execute("PRAGMA foreign_key_check")
                if broken := cursor.fetchall():
                    what = f"{len(broken)} rows refer to rows that are not there, such as one of {broken[0][0]}."
                    yield database_name(), what, f"{MANAGE} restore FILE --force"
                cursor.execute("PRAGMA query_only")
                is_read_only = bool(cursor.fetchone()[0])
            else:
                cursor.execute("SHOW transaction_read_only")
                is_read_only = cursor.fetchone()[0] == "on"
                cursor.execute("SHOW server_version_num")
                if int(cursor.fetchone()[0]) < OLDEST_POSTGRESQL:
                    yield database_name(), "PostgreSQL is older than version 15.", "Upgrade the server."
        if is_read_only:
            yield database_name(), "The database can only be read.", f"ls -l {database_name()}"
    except DatabaseError as error:
        yield database_name(), f"The database cannot be used: {error}", "Start it, or see DATABASE_URL."


@check
def migrations() -> Found:
    """Compare the migrations of this code with those that were run."""
    nodes = MigrationLoader(None, ignore_no_migrations=True).graph.nodes
    ours = {key for key, node in nodes.items() if not node.replaces}
    try:
        done = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError:
        return  # which `database` tells
    if missing := sorted(ours - done):
        what = f"{len(missing)} migrations have not been run, such as {'.'.join(missing[0])}."
        yield database_name(), what, f"{MANAGE} migrate"
    if later := sorted(key for key in done - ours if key[0] == "articles" and key not in nodes):
        what = f"The database is of a later version: this one has no {'.'.join(later[-1])}."
        yield database_name(), what, "Install that version, or restore a backup of this one."


@check_of_rows
def search_index() -> Found:
    published = Article.objects.filter(published=True, removed=False)
    noted = ReindexRequest.objects.values("article_id")
    absent = published.exclude(pk__in=SearchEntry.objects.values("pk")).exclude(pk__in=noted).count()
    stale = SearchEntry.objects.exclude(pk__in=published.values("pk")).exclude(pk__in=noted).count()
    if absent or stale:
        what = f"{absent} published articles are not in the search index, and {stale} in it are not published."
        yield "search index", what, f"{MANAGE} rebuild_search"


@check_of_rows
def boosts() -> Found:
    late = Boost.objects.due().filter(until__lt=timezone.now() - LATE).count()
    if late:
        yield "boosts", f"{late} boosts are over, but still in stored scores: tend does not run.", f"{MANAGE} tend"


@check_of_rows
def tend() -> Found:
    last = LastRun.objects.filter(command="tend").first()
    if Article.objects.exists() and (last is None or last.at < timezone.now() - LATE):
        since = f"since {last.at:%Y-%m-%d %H:%M} UTC" if last else "yet"
        cure = '(crontab -l; echo "* * * * * cd $PWD && .venv/bin/python manage.py tend > /dev/null") | crontab -'
        yield "what runs regularly", f"tend has not run {since}: it should every minute.", cure


@check_of_rows
def clock() -> Found:
    latest = [
        Article.objects.order_by("-updated_at").values_list("updated_at", flat=True).first(),
        ImportRun.objects.order_by("-started_at").values_list("started_at", flat=True).first(),
        LastRun.objects.order_by("-at").values_list("at", flat=True).first(),
    ]
    newest = max((at for at in latest if at), default=None)
    if newest and newest > timezone.now() + AHEAD:
        what = (
            f"Something was stored at {newest:%Y-%m-%d %H:%M} UTC, which is in the future: the clock was or is wrong."
        )
        yield "clock", what, "timedatectl status"


@check_of_rows
def imports() -> Found:
    last = ImportRun.objects.order_by("-pk").first()
    if last and last.state == ImportRun.State.FAILED:
        yield f"import {last.pk}", "The last import failed. The admin shows why.", f"{MANAGE} import_articles PATH"
    begun = timezone.now() - LONG_IMPORT
    for run in ImportRun.objects.filter(state=ImportRun.State.RUNNING, started_at__lt=begun)[:1]:
        what = f"It has been running since {run.started_at:%Y-%m-%d %H:%M} UTC: it was killed, or hangs."
        yield f"import {run.pk}", what, f"{MANAGE} import_articles PATH"


@check_of_rows
def newsletter() -> Found:
    begun = timezone.now() - LONG_SENDING
    for issue in Issue.objects.filter(begun_at__lt=begun, sent_at=None)[:1]:
        what = f"Sending the issue of {issue.date} began, but did not end."
        yield "newsletter", what, f"{MANAGE} build_newsletter --date {issue.date} --period {issue.period} --send"


@check_of_rows
def mail_for_readers() -> Found:
    if not settings.NEWSROOM_SENDS_MAIL and Subscriber.objects.exists():
        what = "There are subscribers, but NEWSROOM_EMAIL_URL is not set: no mail is sent."
        yield ".env or the service's environment", what, "NEWSROOM_EMAIL_URL=smtp+tls://mail.example.org"


@check_of_rows
def sign_ups() -> Found:
    waiting = Subscriber.objects.filter(state=Subscriber.State.PENDING).count()
    if waiting > MANY_SUBSCRIBERS:
        what = f"{waiting} sign-ups wait to be confirmed: somebody signs up others, or mail does not arrive."
        yield "newsletter", what, "Look at the mail server's log."


@check_of_rows
def sessions() -> Found:
    old = Session.objects.filter(expire_date__lt=timezone.now() - OLD_SESSIONS).count()
    if old:
        yield "sessions", f"{old} sessions ended more than a week ago.", f"{MANAGE} clearsessions"


@check_of_rows
def accounts() -> Found:
    users = get_user_model().objects.filter(is_active=True, is_staff=True)
    if not users.exists():
        yield "accounts", "Nobody can log in to the admin.", f"{MANAGE} createsuperuser"
