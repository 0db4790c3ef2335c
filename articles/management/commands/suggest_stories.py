"""Suggest stories and duplicates for new articles."""

from articles.management import base
from articles.suggestions import matching
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Suggests stories and duplicates for articles that are new since its last run. Editors decide in the admin; "
        "with NEWSROOM_AUTOMATIC_STORIES=1 an article joins by itself where its suggestion is certain enough."
    )
    source_help = "Look at the articles of this site only. Default: all sites."

    def handle(self, *, source, **options):
        scope = {"source": base.one_site(source)} if source else {}
        found = {"articles": 0, "stories": 0, "duplicates": 0, "joined": 0}
        for ids in self.progress(list(matching.waiting(**scope)), "batch"):
            made = matching.look_at(ids)
            found["articles"] += len(ids)
            found["stories"] += sum(suggestion.kind == "story" for suggestion in made)
            found["duplicates"] += sum(suggestion.kind == "duplicate" for suggestion in made)
            found["joined"] += matching.group_sure_ones(made)
        self.finish(
            found,
            f"{counted(found['articles'], 'article')} looked at: {found['stories']} stories and "
            f"{found['duplicates']} duplicates suggested, {found['joined']} joined",
        )
