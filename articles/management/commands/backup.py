"""Write a backup of the site to a file."""

from pathlib import Path

from django.core.management.base import CommandError

from articles.management import base
from articles.operations import backups
from articles.operations.archives import BackupError
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Writes the database as it is at one moment, and the media, to one file, while the site runs. The file appears "
        "when it is complete. manage.py restore reads it."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--no-media", action="store_true", help="Leave out pictures.")
        super().add_arguments(parser)

    def handle(self, *, file, no_media, **options):
        try:
            made = backups.make(file, not no_media, lambda names: self.progress(names, "file"))
        except BackupError as error:
            raise CommandError(str(error)) from error
        for name in made.missing:
            self.stderr.write(f"{name}: a row names this file, but it is not in the media.")
        report = {
            "file": str(file),
            "bytes": file.stat().st_size,
            "files": len(made.files) - 1,
            "missing": made.missing,
            "counts": made.counts,
        }
        summary = (
            f"{file}: {counted(made.counts.get('articles.Article', 0), 'article')}, {counted(report['files'], 'file')}"
        )
        self.finish(report, summary, complete=not made.missing)
