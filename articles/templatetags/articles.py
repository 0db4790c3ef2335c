"""Filters and tags for what a template cannot say by itself."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from articles.db.showing import showing
from articles.models import Topic
from articles.pictures import renditions
from articles.pictures.imaging import nearest_level
from articles.public.why import sentence
from articles.search.query import WRITTEN, folded
from articles.text.labels import LABELS, WINDOWS, titled
from articles.text.moments import in_utc
from articles.text.plain import plain
from articles.text.signs import seen, turns

SNIPPET_WORDS = 30  # of an excerpt
SNIPPET_REACH = 4_000  # characters of an excerpt in which a hit is looked for
AGO = {  # whole sentences: languages differ in more than the word for "ago"
    "day": ngettext_lazy("%(num)d day ago", "%(num)d days ago", "num"),
    "hour": ngettext_lazy("%(num)d hour ago", "%(num)d hours ago", "num"),
    "minute": ngettext_lazy("%(num)d minute ago", "%(num)d minutes ago", "num"),
}
register = template.Library()
register.filter(plain)
register.filter(titled)
register.filter("reason", sentence)


@register.filter
def bdi(text):
    """Return a text that strangers wrote: as an element of its own if its direction could move what is beside it."""
    text = seen(str(text))
    return format_html("<bdi>{}</bdi>", text) if turns(text) else conditional_escape(text)


@register.simple_tag
def when(moment):
    """Return a moment as a <time>: how long ago within a week, else its day. Its title has the rest."""
    moment = in_utc(moment)
    text, rest = date_format(moment, "SHORT_DATE_FORMAT"), f"{moment:%H:%M} UTC"
    if timedelta(0) <= timezone.now() - moment < timedelta(days=7):
        text, rest = timesince(moment, time_strings=AGO, depth=1), f"{text}, {rest}"
    return format_html('<time datetime="{}" title="{}">{}</time>', f"{moment:%Y-%m-%dT%H:%MZ}", rest, text)


@register.filter
def percent(share):
    """Return a share from 0 to 1 as a percentage with one decimal."""
    if 0 < share < 0.0005:
        return _("under %(number)s%%") % {"number": number_format("0.1", 1)}
    return _("%(number)s%%") % {"number": number_format(f"{100 * share:.1f}", 1)}


@register.filter
def duration(span):
    """Return a timedelta of 0 or more in words: its largest unit and the one below."""
    moment = datetime(2001, 1, 1, tzinfo=UTC)
    return timesince(moment, moment + span) if span >= timedelta(minutes=1) else _("less than a minute")


@register.filter
def topics_to_show(article):
    """Return an article's topics without its site's own topic, unless it has no others."""
    return article.subtopics or article.topic_list


@register.filter
def outlets(article):
    """Return who else covers an article's story, in the order of its card: `A, B and 12 more`."""
    names = ", ".join(dict.fromkeys(item.provider.label for item in article.coverage))
    more = article.all_coverage and article.all_coverage - len(article.coverage)
    if not more:
        return names
    return ngettext("%(names)s and %(more)d more", "%(names)s and %(more)d more", more) % {"names": names, "more": more}


@register.simple_tag(takes_context=True)
def marked(context, text):
    """Return a text with the words of the page's search marked; unchanged without a search."""
    query = context.get("asked")
    if not query:
        return text
    parts = WRITTEN.split(text)
    return format_html_join(
        "",
        "{}",
        (
            (_marked(part) if place % 2 and any(map(query.matches, folded(part))) else part,)
            for place, part in enumerate(parts)
        ),
    )


def _marked(word):
    return format_html("<mark>{}</mark>", word)


@register.simple_tag(takes_context=True)
def snippet(context, text):
    """Return the words of a text around the first hit of the page's search, marked; without one, its beginning."""
    query, words = context.get("asked"), text[:SNIPPET_REACH].split()
    hits = (place for place, word in enumerate(words) if query and any(map(query.matches, folded(word))))
    start = max(next(hits, 0) - SNIPPET_WORDS // 2, 0)
    shown = " ".join(words[start : start + SNIPPET_WORDS])
    more = words[start + SNIPPET_WORDS :] or len(text) > SNIPPET_REACH
    return marked(context, f"{'… ' if start else ''}{shown}{' …' if more else ''}")


@register.filter
def refined(one, query):
    """Return a search narrowed to a topic or an outlet. The query stays last: it may end in half a word or phrase."""
    name, value = ("topic", one.name) if isinstance(one, Topic) else ("provider", one.domain)
    value = value.replace('"', " ")
    return f'{name}:"{value}" {query}'


PLACES = {  # of a picture: the widths of its renditions in pixels, and its `sizes`
    "card": ([320], ""),
    "column": ([320, 640], "(min-width: 48rem) 24rem, 6rem"),
    "first": ([320, 640, 1280], "(min-width: 76rem) 36rem, (min-width: 48rem) 50vw, 100vw"),
    "page": ([640, 960, 1280], "(min-width: 42rem) 40rem, 100vw"),
}


@register.inclusion_tag("articles/_picture.html")
def picture(article, place):
    """Render an article's first image that has a copy and can be shown, for one of PLACES; nothing if there is none."""
    return next(showing(filter(has_copy, article.images.all()), lambda image: _picture(image, place)), {})


def has_copy(image):
    return bool(image.file)


def _picture(image, place):
    widths, sizes = PLACES[place]
    width, height = renditions.shape(image)
    return {
        "image": image,
        "place": place,
        "avif": renditions.source_set(image, "avif", widths),
        "webp": renditions.source_set(image, "webp", widths),
        "address": renditions.address(image, f"{widths[0]}.webp"),
        "sizes": sizes,
        "width": width,
        "height": height,
        "colour": image.colour and nearest_level(image.colour),
    }


@register.filter
def signed(points):
    """Return points with their sign, in groups of three digits."""
    return f"{'+' if points >= 0 else ''}{grouped(points)}"


@register.filter
def grouped(number):
    """Return a whole number in groups of three digits."""
    return number_format(number, force_grouping=True).replace("-", "\N{MINUS SIGN}")


@register.filter
def label(name):
    """Return what readers call an order, a period or a term of a score."""
    return LABELS[name]


@register.filter
def window(period):
    """Return a period up to now, for a sentence: `in the last month`."""
    return WINDOWS[period]
