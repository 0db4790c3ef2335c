"""Run a newsroom with one command: the sample articles, an editor, a server."""

from argparse import ArgumentTypeError

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from articles.management import base, samples


def port(text):
    """Read the value of `--port`."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:6]) < 2**16:
        raise ArgumentTypeError(f"expected a number from 1 to 65535, found {text!r}")
    return int(text)


class Command(base.Command):
    help = (
        "Migrates, loads the sample articles, creates an editor's account and serves the site. Safe to run again. It "
        "has a database and pictures of its own, demo.sqlite3 and demo-media/, and touches no others."
    )

    def add_arguments(self, parser):
        parser.add_argument("--port", type=port, default=8000)
        parser.add_argument("--no-server", action="store_true", help="Do everything but serve.")
        super().add_arguments(parser)

    def handle(self, *, port, no_server, **options):
        if not settings.IS_DEMO:
            raise CommandError("expected to be run as manage.py demo, which has a database of its own.")
        call_command("migrate", verbosity=0)
        report = samples.load()
        self.stdout.write(f"Sample articles: {report}")
        password = samples.make_editor()
        if password:
            self.stdout.write(f"Editor: {samples.EDITOR}  Password (shown this once): {password}")
        else:
            self.stdout.write(f"Editor: {samples.EDITOR}, with the password printed when this first ran.")
        self.finish(report.as_json())
        if not no_server:
            self.stdout.write(f"Newsroom: http://localhost:{port}/  Editors: http://localhost:{port}/admin/")
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)
