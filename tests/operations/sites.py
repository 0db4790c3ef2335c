"""Sites of their own, with a database and media, on which commands run as processes."""

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import connection

from tests.paths import ROOT, SAMPLES

PICTURES = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from articles.models import ArticleImage
for number, image in enumerate(ArticleImage.objects.order_by("pk")[:20]):
    ArticleImage.objects.filter(pk=image.pk).update(
        file=default_storage.save(f"pictures/{number}-é.png", ContentFile(f"picture {number}".encode() * 100)))
"""
READ = """
import hashlib, json
from django.core.files.storage import default_storage
from articles.models import ArticleImage
from tests import checksum
names = sorted(set(ArticleImage.objects.exclude(file="").values_list("file", flat=True)))
files = [(name, hashlib.sha256(default_storage.open(name).read()).hexdigest()) for name in names]
digest = hashlib.sha256(json.dumps(files).encode()).hexdigest()
print(json.dumps([checksum.whole(), checksum.halves(), len(files), digest]))
"""


@dataclass
class Site:
    folder: Path
    database: str

    @property
    def environment(self):
        own = {
            "DATABASE_URL": self.database,
            "NEWSROOM_MEDIA_ROOT": str(self.folder / "media"),
            "NEWSROOM_SECRET_KEY": "only for the time of these tests",
            "DJANGO_SETTINGS_MODULE": "newsroom.settings",
        }
        return {**os.environ, **own}

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments, code=0):
        """Run Python with these arguments; return what it prints, standard error first."""
        process = self.start(*arguments)
        out, err = process.communicate()
        assert process.returncode == code, err + out
        return err + out

    def manage(self, *arguments, code=0):
        return self.run("manage.py", *map(str, arguments), code=code)

    def shell(self, program):
        return self.run("-c", f"import django; django.setup()\n{program}")

    def state(self):
        """A checksum of all content, how many articles are halves, how many files there are and their checksum."""
        return self.shell(READ).strip()

    @property
    def file(self):
        return Path(self.database.removeprefix("sqlite:///"))


@contextmanager
def new_site(folder, backup=None, filled=True):
    """A site in a folder, and its database, which is of the kind that the tests run on.

    It is empty, has what a backup has, or else the samples and some pictures.
    """
    folder.mkdir()
    name = f"site_{uuid4().hex}"
    if connection.vendor == "sqlite":
        site = Site(folder, f"sqlite:///{folder}/db.sqlite3")
    else:
        at = settings.DATABASES["default"]
        with connection.copy()._nodb_cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
        site = Site(folder, f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{name}")
    try:
        if backup:
            site.manage("restore", backup)
        elif filled:
            site.manage("migrate", "-v0")
            site.manage("import_articles", SAMPLES, "--source", "meridian")
            site.shell(PICTURES)
        yield site
    finally:
        if connection.vendor != "sqlite":
            with connection.copy()._nodb_cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
