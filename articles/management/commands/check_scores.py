"""Compares heat, publication and leads with the source's own rules."""

import sys
from collections import Counter
from dataclasses import asdict
from time import monotonic

from articles.management import base
from articles.models import Article
from articles.sync import score_check
from articles.text.plain import counted


class Command(base.Command):
    help = (
        "Recomputes heat, published and lead by the source's own rules, with each site's weight and thresholds, and "
        "lists every article that deviates. Exits with 0 if none does, with 2 otherwise."
    )

    def add_arguments(self, parser):
        base.add_source(parser, "Which site. Default: all.")
        base.add_report(parser)

    def handle(self, *, source, report, **options):
        base.check_source(source)
        base.check_report(report)
        started = monotonic()
        sites = base.chosen(source, several=True)
        found = []
        for site in sites:
            for deviation in score_check.deviations(site):
                self.stdout.write(str(deviation))
                found.append(deviation)
        kinds = Counter(deviation.kind for deviation in found)
        counts = {kind: kinds[kind] for kind in ("heat", "published", "lead")}
        articles = Article.objects.filter(source__in=sites).count()
        seconds = round(monotonic() - started, 3)
        listed = ", ".join(f"{number} {kind}" for kind, number in counts.items())
        total = f"{counted(articles, 'article')}, {counted(len(found), 'deviation')}"
        self.stdout.write(f"{total}: {listed}; {seconds:.1f} s")
        items = [asdict(deviation) for deviation in found]
        base.write_report(report, {"articles": articles, **counts, "deviations": items, "seconds": seconds})
        if found:
            sys.exit(2)
