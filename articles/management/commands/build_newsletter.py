"""Build the newsletter of a day or a week, and send it."""

from argparse import ArgumentTypeError
from datetime import UTC, date, datetime
from functools import partial

from django.core.management.base import CommandError

from articles.management import base
from articles.models import Issue
from articles.newsletter import issues, sending
from articles.text.plain import counted


def day(text):
    """Read the value of `--date`."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not 1900 <= found.year < 3000:
        raise ArgumentTypeError(f"expected a day such as 2026-11-24, found {text!r}")
    return found


class Command(base.Command):
    help = (
        "Builds the newsletter of a date: the hottest leads that were published on the day before it (or in the week "
        "before it), in UTC, and were in no issue yet. An issue that exists stays as it is. Exits with 2 if the mail "
        "server refused some of the mails: the next run sends those again."
    )
    source_help = "Use the articles of this site only. Default: all sites."

    def add_arguments(self, parser):
        parser.add_argument("--date", type=day, metavar="YYYY-MM-DD", help="Default: today, in UTC.")
        parser.add_argument("--period", choices=Issue.Period.values, default="day", help="Default: day.")
        parser.add_argument("--again", action="store_true", help="Build it again from the articles it has.")
        parser.add_argument("--send", action="store_true", help="Send it, or continue sending it.")
        super().add_arguments(parser)

    def handle(self, *, period, source, again, send, **options):
        now = datetime.now(UTC)
        chosen = options["date"] or now.date()
        site = base.one_site(source) if source else None
        issue, built = self.issue_of(chosen, period, site, again, now)
        outcome = self.send(issue) if issue and send else sending.Outcome()
        self.finish(
            {
                "date": chosen.isoformat(),
                "period": period,
                "source": source,
                "subject": issue.subject if issue else None,
                "articles": issue.places.count() if issue else 0,
                "built": built,
                "sent": outcome.sent,
                "refused": outcome.refused,
                "left": outcome.left,
            },
            complete=not outcome.refused or bool(outcome.problem),
        )
        if outcome.problem:
            raise CommandError(
                f"The mail server does not take any more: {outcome.problem}. {counted(outcome.left, 'mail')} left: "
                "run the command again to go on."
            )

    def issue_of(self, chosen, period, site, again, now):
        """Return the issue, None if its window has no articles, and whether it was built now."""
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

    def send(self, issue):
        try:
            outcome = sending.send(issue, progress=partial(self.progress, unit="mail"))
        except sending.UnsendableError as error:
            raise CommandError(str(error)) from None
        in_doubt = sending.in_doubt(issue).count()
        self.stdout.write(
            f"{counted(outcome.sent, 'mail')} sent, {outcome.refused} refused, {outcome.left} left"
            + (f", {in_doubt} in doubt (see Deliveries in the admin)" if in_doubt else "")
        )
        return outcome
