"""Restore the site from a backup."""

from pathlib import Path

from django.core.management.base import CommandError

from articles.management import base
from articles.operations import restoring
from articles.operations.archives import BackupError
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Puts a backup in the place of the site's database and adds its media. Everything in the file is verified "
        "first. Stop the site before. If this is stopped midway, the old site is there or the new one."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--force", action="store_true", help="Restore though the site has articles or accounts.")
        super().add_arguments(parser)

    def handle(self, *, file, force, **options):
        try:
            done = restoring.restore(file, force, lambda names: self.progress(names, "file"))
        except BackupError as error:
            raise CommandError(str(error)) from error
        made = done.manifest
        if done.kept:
            self.stdout.write(f"The old database is kept: {done.kept}")
        if done.migrated:
            self.stdout.write("The backup was of an earlier version: its database was migrated.")
        for name in made.missing:
            self.stderr.write(f"{name}: a row names this file, but it is not in the backup.")
        report = {
            "made": made.made_at,
            "kept": done.kept,
            "migrated": done.migrated,
            "files": sum(name.startswith("media/") for name in made.files),
            "new_files": done.new_files,
            "missing": made.missing,
            "counts": made.counts,
        }
        articles, files = counted(made.counts.get("articles.Article", 0), "article"), counted(report["files"], "file")
        self.finish(report, f"The site is as it was at {made.made_at}: {articles}, {files}", not made.missing)
