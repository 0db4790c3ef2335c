"""Suggests stories and duplicates for articles that were not looked at yet."""

from time import monotonic

from tqdm import tqdm

from articles.management import base
from articles.suggestions import matching
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Looks at the articles that are new since it ran last, and suggests stories for those that have none, and "
        "duplicates. Editors decide in the admin; with NEWSROOM_AUTOMATIC_STORIES=1 sure ones join by themselves."
    )

    def add_arguments(self, parser):
        base.add_source(parser, "Which site's articles. Default: all.")
        base.add_report(parser)
        parser.add_argument("--no-progress", action="store_true", help="No progress bar, even on a terminal.")

    def handle(self, *, source, report, no_progress, **options):
        base.check_source(source)
        base.check_report(report)
        started = monotonic()
        scope = {"source": base.chosen(source)[0]} if source else {}
        found = {"articles": 0, "stories": 0, "duplicates": 0, "joined": 0}
        for ids in tqdm(list(matching.waiting(**scope)), disable=True if no_progress else None, unit="batch"):
            made = matching.look_at(ids)
            found["articles"] += len(ids)
            found["stories"] += sum(suggestion.kind == "story" for suggestion in made)
            found["duplicates"] += sum(suggestion.kind == "duplicate" for suggestion in made)
            found["joined"] += matching.group_sure_ones(made)
        found["seconds"] = round(monotonic() - started, 3)
        self.stdout.write(
            f"{counted(found['articles'], 'article')} looked at: {found['stories']} stories and {found['duplicates']} "
            f"duplicates suggested, {found['joined']} joined; {found['seconds']:.1f} s"
        )
        base.write_report(report, found)
