"""Export articles to front-matter files."""

import errno
import os
from argparse import ArgumentTypeError
from pathlib import Path

from articles.frontmatter import FrontMatterError
from articles.management import base
from articles.models import Article
from articles.sync import exporter, mapped_export, writing

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # what stops every other file as well


def named_folder(text):
    """Read FOLDER. An empty name, as of a variable that is not set, is not this folder."""
    if not text:
        raise ArgumentTypeError("expected the name of a folder, found none")
    return Path(text)


class Command(base.Command):
    help = (
        "Writes FOLDER/_news/<stem>.md for every article of a site. An article that nobody edited comes out byte for "
        "byte as it came in; in the others, only the edited lines differ. Exits with 2 if some files could not be "
        "written."
    )
    source_help = "The site to export. Required if there are several."

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="FOLDER", type=named_folder)
        super().add_arguments(parser)

    def handle(self, *, folder, source, **options):
        site = base.one_site(source)
        news = folder / "_news"
        (folder if mapped_export.is_all(site) else news).mkdir(parents=True, exist_ok=True)
        self.folders = [folder.resolve(), news.resolve()]
        self.known = {news}  # folders that files are written to
        self.links = set()  # what symbolic links lead to that were written
        total = Article.objects.filter(source=site).count()
        counts = {"written": 0, "unchanged": 0}
        failed, warnings = [], []
        for place, data, problems in self.progress(everything(site), "file", total):
            path = folder / place
            warnings += [self.told(path, problem) for problem in problems]
            try:
                written = self.write(path, data, site)
                counts["written" if written else "unchanged"] += 1
            except writing.NotWritableError as error:
                failed.append(self.told(path, str(error)))
        stems = site.deleted_articles.order_by("stem").values_list("stem", flat=True)
        left = [stem for stem in stems if os.path.exists(news / f"{stem}.md")]
        for stem in left:
            self.stderr.write(f"{news / stem}.md: left as it is; its article was deleted here.")
        self.finish(
            {
                "files": sum(counts.values()) + len(failed),
                **counts,
                "deleted": left,
                "failed": failed,
                "warnings": warnings,
            },
            f"{counts['written']} written, {counts['unchanged']} unchanged"
            + (f", {len(failed)} could not be written" if failed else ""),
            complete=not failed,
        )

    def told(self, path, message):
        """Print what is to be said about a file. Return it as the report has it."""
        self.stderr.write(f"{path}: {message}")
        return {"path": str(path), "message": message}

    def write(self, path, data, site):
        """Write a file. Return whether it differed. Raise NotWritableError if only this one cannot be written."""
        try:
            if isinstance(data, FrontMatterError):
                raise writing.NotWritableError(f"the file that was imported cannot be read any more: {data}")
            if path.parent not in self.known:
                writing.make_folder(path.parent, self.folders)
                self.known.add(path.parent)
            target = writing.resolved(path)
            if target != path and self.is_taken(target, site):
                raise writing.NotWritableError(f"expected a file of its own, found a link to another's: {target}")
            return writing.write(path, data, self.folders)
        except (OSError, UnicodeEncodeError) as error:
            if getattr(error, "errno", None) in FULL:
                error.filename = str(path)
                raise
            raise writing.NotWritableError(getattr(error, "strerror", None) or str(error)) from error

    def is_taken(self, target, site):
        """Return whether what a link leads to is another article's file, and take it if it is not."""
        is_articles = target.parent == self.folders[1] and target.suffix == ".md"
        if target in self.links or (is_articles and Article.objects.filter(source=site, stem=target.stem).exists()):
            return True
        self.links.add(target)
        return False


def everything(site):
    """Yield place, content and problems of each file to write."""
    places = exporter.places(site)
    for stem, data in exporter.files(site):
        yield f"_news/{places.get(stem, f'{stem}.md')}", data, ()
    for file in mapped_export.files(site):
        yield file.place, file.data, file.problems
