"""Fill a site with the sample articles, their pictures and an editor."""

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

from articles.management import demo_pictures
from articles.models import ArticleImage, ProviderImage, Source
from articles.pictures import copies
from articles.sync import files
from articles.sync.importer import import_files

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
SOURCE = "meridian"
EDITOR = "editor"


def load():
    """Import the sample articles and draw their pictures. Return the import's report."""
    report = import_files(files.find(str(SAMPLES)), SOURCE)
    Source.objects.filter(name=SOURCE, title="").update(title="The Meridian Archipelago")
    draw_pictures()
    return report


def draw_pictures():
    """Draw the pictures of the samples, whose addresses lead nowhere. Draws none twice."""
    for image in ArticleImage.objects.filter(article__source__name=SOURCE, file=""):
        _keep(image, demo_pictures.scene(image.url, image.width or 1200, image.height or 675))
    for image in ProviderImage.objects.filter(source__name=SOURCE, file="").select_related("provider"):
        _keep(image, demo_pictures.logo(image.provider.name))


def _keep(image, content):
    type(image).objects.filter(pk=image.pk).update(**copies.store(content))


def make_editor():
    """Make an editor's account and return its password; "" if there is one already."""
    users = get_user_model().objects
    if users.filter(username=EDITOR).exists():
        return ""
    password = secrets.token_urlsafe(12)
    users.create_superuser(EDITOR, password=password)
    return password
