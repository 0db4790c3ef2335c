"""Export articles to front-matter files."""

import os
from pathlib import Path

from articles.management import base
from articles.models import Article
from articles.sync import exporter


class Command(base.Command):
    help = (
        "Writes FOLDER/_news/<stem>.md for every article of a site. An article that nobody edited comes out byte for "
        "byte as it came in; in the others, only the edited lines differ."
    )
    source_help = "The site to export. Required if there are several."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="FOLDER", type=Path)
        super().add_arguments(parser)

    def handle(self, *, folder, source, **options):
        site = base.one_site(source)
        news = folder / "_news"
        news.mkdir(parents=True, exist_ok=True)
        total = Article.objects.filter(source=site).count()
        files = self.progress(exporter.files(site), "file", total)
        written = sum(write(news / f"{stem}.md", data) for stem, data in files)
        stems = site.deleted_articles.order_by("stem").values_list("stem", flat=True)
        left = [stem for stem in stems if (news / f"{stem}.md").exists()]
        for stem in left:
            self.stderr.write(f"{news / stem}.md: left as it is; its article was deleted here.")
        unchanged = total - written
        self.finish(
            {"files": total, "written": written, "unchanged": unchanged, "deleted": left},
            f"{written} written, {unchanged} unchanged",
        )


def write(path, data):
    """Write a whole file unless it already holds these bytes. Return whether it was written."""
    if path.is_file() and path.read_bytes() == data:
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    return True
