"""Builds the newsletter of a day or a week, and sends it."""

import sys
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from functools import partial
from time import monotonic

from django.core.management.base import CommandError
from tqdm import tqdm

from articles.management import base
from articles.models import Issue
from articles.newsletter import issues, sending
from articles.text.plain import counted


def day(text):
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1900 <= found.year < 3000:
        raise ArgumentTypeError(f"expected a day such as 2026-11-24, found {text!r}")
    return found


class Command(base.Command):
    help = (
        "Builds the newsletter of a date: the hottest leads published on the day before it (or in the week before it), "
        "in UTC, that never stood in an issue. An issue that was built before stays as it is. Exits with 2 if the mail "
        "server refused some of the mails: the next run sends those again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="Default: today, in UTC.")
        parser.add_argument("--period", choices=Issue.Period.values, default="day", help="Default: day.")
        base.add_source(parser, "Which site's articles. Default: all.")
        parser.add_argument("--again", action="store_true", help="Write it anew, of the articles it has.")
        parser.add_argument("--send", action="store_true", help="Send it, or go on sending it.")
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar, even on a terminal.")

    def handle(self, *, period, source, again, send, report, no_progress, **options):
        base.check_source(source)
        base.check_report(report)
        started, now = monotonic(), datetime.now(UTC)
        chosen = options["date"] or now.date()
        site = base.chosen(source)[0] if source else None
        issue, built = self.issue_of(chosen, period, site, again, now)
        outcome = sending.Outcome()
        if issue and send:
            outcome = self.send(issue, no_progress)
        found = {
            "date": chosen.isoformat(),
            "period": period,
            "source": source,
            "subject": issue.subject if issue else None,
            "articles": issue.places.count() if issue else 0,
            "built": built,
            "sent": outcome.sent,
            "refused": outcome.refused,
            "left": outcome.left,
            "seconds": round(monotonic() - started, 3),
        }
        base.write_report(report, found)
        if outcome.problem:
            raise CommandError(
                f"The mail server does not take any more: {outcome.problem}. {counted(outcome.left, 'mail')} left: "
                "run the command again to go on."
            )
        if outcome.refused:
            sys.exit(2)

    def issue_of(self, chosen, period, site, again, now):
        """The issue, and whether it was written now. None if its window has nothing."""
        issue = issues.existing(chosen, period, site)
        if issue and not again:
            self.stdout.write(f"{issue}: already built: {issue.subject}")
            return issue, False
        try:
            issue = issues.rebuild(issue) if issue else issues.build(chosen, period, site, now)
        except issues.NotOverError:
            raise CommandError(f"--date: expected {now.date()} or a day before it, found {chosen}.") from None
        except issues.NotChangeableError:
            raise CommandError(f"{issue}: it is being sent, or was, and stays as it is.") from None
        if issue is None:
            self.stdout.write(f"Nothing new in the {period} before {chosen}: no issue.")
            return None, False
        self.stdout.write(f"{issue}: {counted(issue.places.count(), 'article')}: {issue.subject}")
        return issue, True

    def send(self, issue, no_progress):
        bar = partial(tqdm, disable=True if no_progress else None, unit="mail")
        try:
            outcome = sending.send(issue, progress=bar)
        except sending.UnsendableError as error:
            raise CommandError(str(error)) from None
        doubtful = sending.in_doubt(issue).count()
        self.stdout.write(
            f"{counted(outcome.sent, 'mail')} sent, {outcome.refused} refused, {outcome.left} left"
            + (f", {doubtful} in doubt (see Deliveries in the admin)" if doubtful else "")
        )
        return outcome
