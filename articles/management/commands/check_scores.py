"""Compare heat, publication and leads with the source's own rules."""

from collections import Counter
from dataclasses import asdict

from articles.management import base
from articles.models import Article
from articles.sync import figures, score_check
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Recomputes heat, published and lead by the source's own rules, with each site's weight and thresholds, and "
        "lists every article that deviates. Exits with 0 if none does, with 2 otherwise."
    )
    source_help = "Check this site only. Default: all sites."

    def handle(self, *, source, **options):
        sites, found = base.sites(source), []
        for site in self.progress(sites, "site"):
            for deviation in score_check.deviations(site):
                self.stdout.write(str(deviation))
                found.append(deviation)
            for sentence in figures.evidence(site):
                self.stdout.write(f"{site.name}: {sentence}")
        kinds = Counter(deviation.kind for deviation in found)
        evidence = {site.name: figures.as_json(site) for site in sites}
        counts = {kind: kinds[kind] for kind in ("heat", "published", "lead")}
        articles = Article.objects.filter(source__in=sites).count()
        listed = ", ".join(f"{number} {kind}" for kind, number in counts.items())
        self.finish(
            {
                "articles": articles,
                **counts,
                "figures": evidence,
                "deviations": [asdict(deviation) for deviation in found],
            },
            f"{counted(articles, 'article')}, {counted(len(found), 'deviation')}: {listed}",
            complete=not found,
        )
