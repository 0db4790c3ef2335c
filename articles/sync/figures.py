"""A site's weight and thresholds, taken from its files."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple

from django.db import connection
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef

from ..frontmatter.schema import THRESHOLD
from ..models import Article, Change, Source
from ..models.sources import FIGURES
from ..provenance.values import Values
from ..ranking import Rules
from ..ranking.fitting import Fit, Observed, Said, agrees, fit
from ..text.plain import counted


def said(values: Values, others: int) -> Said | None:
    """Return what a file that lists `others` says about the figures; None if it has no heat or is removed."""
    if "heat" not in values or values.get("removed"):
        return None
    return Said(values.get("quality", 0), values["heat"], values.get("published"), others)


def observe(source: Source) -> Observed:
    """Count what the files of a site say. Articles that an editor changed do not count. Costs one query."""
    edited = Exists(Change.objects.filter(article=OuterRef("pk"), by_import=False))
    rows = Article.objects.filter(source=source, file__isnull=False, heat__isnull=False, removed=False).exclude(edited)
    rows = rows.exclude(file__story_key__gt="", file__related=[])  # their lists are in the text, not counted
    length = "jsonb_array_length" if connection.vendor == "postgresql" else "json_array_length"
    others = Func(F("file__related"), function=length, output_field=IntegerField())
    counts = rows.order_by().annotate(others=others).values_list(*Said._fields).annotate(Count("pk"))
    return Counter({Said(*columns): count for *columns, count in counts})


WORDS = {
    "heat_weight": ("weight", "lead"),
    "heat_threshold": ("threshold of heat", "lead"),
    "publish_threshold": ("threshold of publication", "article"),
}


def evidence(source: Source) -> Iterator[str]:
    """Yield a sentence on each figure of a site that its files say something about: the value, and how many agree."""
    for name, one in source.fits.items():
        word, what = WORDS[name]
        value, agree = getattr(source, name), f"{one.agree} of {counted(one.of, what)}"
        if not source.fits_figures:
            yield f"{word} {value}, set by hand; {one.value} agrees with {agree} in its files"
        elif one.is_enough:
            yield f"{word} {value}: agrees with {agree} in its files"
        elif one.contradicts_default:
            yield f"{word} not known yet: {one.value} agrees with {agree} in its files, too few to tell"
        else:
            yield f"{word} {value}, the default: agrees with {agree} in its files"


def as_json(source: Source) -> dict[str, dict[str, int | bool]]:
    """Return a site's figures, and how many of its files agree with what fits them best."""
    found = {}
    for name in FIGURES:
        found[name] = {"value": getattr(source, name), "is_uncertain": source.is_uncertain(name)}
        if one := source.fits.get(name):
            found[name] |= {"best": one.value, "agree": one.agree, "of": one.of}
    return found


def refit(source: Source, just_read: Observed) -> None:
    """Take a site's figures from its files, unless a person set them.

    `just_read` are versions that were read just now, and those they replaced: they count as well. While they agree
    with the figures, nothing is looked up.
    """
    if not (source.fits_figures and just_read):
        return
    if source.fit and all(agrees(one, source.rules) for one in just_read):
        return
    found = fit(observe(source) | just_read, Rules())
    found = {name: one for name, one in found.items() if one.value <= THRESHOLD.maximum}
    known = found | _enough(source.fits) | _enough(found)  # what was told by enough files stays until others tell more
    source.fit = {name: astuple(one) for name, one in known.items()}
    before = source.rules
    for name, one in _enough(known).items():
        setattr(source, name, one.value)
    if source.rules == before:
        Source.objects.filter(pk=source.pk).update(fit=source.fit)
    else:
        source.save(update_fields=["fit", *FIGURES])  # and all scores


def _enough(fits: dict[str, Fit]) -> dict[str, Fit]:
    return {name: one for name, one in fits.items() if one.is_enough}
