"""Run a newsroom with one command: the sample articles, an editor, a server."""

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from articles.management import demo_pictures
from articles.models import ArticleImage, ProviderImage, Source
from articles.pictures import copies
from articles.sync import files
from articles.sync.importer import import_files

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SOURCE = "meridian"
EDITOR = "editor"


def port(text):
    number = int(text)
    if not 0 < number < 2**16:
        raise ValueError
    return number


class Command(BaseCommand):
    help = "Migrates, loads the sample articles, creates an editor's account and serves the site. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=port, default=8000)
        parser.add_argument("--no-server", action="store_true", help="Do everything but serve.")

    def handle(self, *, port, no_server, **options):
        call_command("migrate", verbosity=0)
        report = import_files(files.find(str(SAMPLES)), SOURCE)
        Source.objects.filter(name=SOURCE, title="").update(title="The Meridian Archipelago")
        self.stdout.write(f"Sample articles: {report}")
        draw_pictures()
        self.make_editor()
        if not no_server:
            self.stdout.write(f"Newsroom: http://localhost:{port}/  Editors: http://localhost:{port}/admin/")
            call_command("runserver", f"127.0.0.1:{port}", use_reloader=False)

    def make_editor(self):
        users = get_user_model().objects
        if users.filter(username=EDITOR).exists():
            self.stdout.write(f"Editor: {EDITOR}, with the password printed when this first ran.")
            return
        password = secrets.token_urlsafe(12)
        users.create_superuser(EDITOR, password=password)
        self.stdout.write(f"Editor: {EDITOR}  Password (shown this once): {password}")


def draw_pictures():
    """Draw the pictures of the samples, whose addresses lead nowhere. Draws none twice."""
    for image in ArticleImage.objects.filter(article__source__name=SOURCE, file=""):
        _keep(image, demo_pictures.scene(image.url, image.width or 1200, image.height or 675))
    for image in ProviderImage.objects.filter(source__name=SOURCE, file="").select_related("provider"):
        _keep(image, demo_pictures.logo(image.provider.name))


def _keep(image, content):
    type(image).objects.filter(pk=image.pk).update(**copies.store(content))
