"""What a template cannot say by itself."""

import re
from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from articles import renditions
from articles.imaging import nearest_level
from articles.models import Topic
from articles.search import folded
from articles.texts import plain

SNIPPET = 30  # words of an excerpt
register = template.Library()
register.filter(plain)


@register.simple_tag
def when(moment):
    """A moment as a <time>: how long ago within a week, else its day; pointing at it tells the rest."""
    moment = moment.astimezone(UTC)
    text, rest = f"{moment:%-d %b %Y}", f"{moment:%H:%M} UTC"
    if timedelta(0) <= timezone.now() - moment < timedelta(days=7):
        text, rest = f"{timesince(moment, depth=1)} ago", f"{text}, {rest}"
    return format_html('<time datetime="{}" title="{}">{}</time>', f"{moment:%Y-%m-%dT%H:%MZ}", rest, text)


@register.filter
def percent(share):
    """A share from 0 to 1 as a percentage with one decimal."""
    return "under 0.1%" if 0 < share < 0.0005 else f"{share:.1%}"


@register.filter
def duration(span):
    """A timedelta, 0 or more, in words: its largest unit and the one below."""
    moment = datetime(2001, 1, 1, tzinfo=UTC)
    return timesince(moment, moment + span) if span >= timedelta(minutes=1) else "less than a minute"


@register.filter
def topics_to_show(article):
    """Its topics without those that only name its site, unless it has no others."""
    topics = article.topic_list
    return [topic for topic in topics if topic.parent_id] or topics


@register.filter
def outlets(article):
    """Who else covers an article's story, in the order of the coverage on its card: `A, B and 12 more`."""
    names = ", ".join(dict.fromkeys(item.provider.name for item in article.coverage))
    more = article.all_coverage and article.all_coverage - len(article.coverage)
    return f"{names} and {more} more" if more else names


@register.simple_tag(takes_context=True)
def marked(context, text):
    """A text with the words that the page's search asked for marked; as it is without a search."""
    query = context.get("asked")
    if not query:
        return text
    parts = re.split(r"(\w+)", text)
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
    """The words of a text around the first that the page's search asked for, marked; its beginning without a search."""
    query, words = context.get("asked"), text.split()
    hits = (place for place, word in enumerate(words) if query and any(map(query.matches, folded(word))))
    start = max(next(hits, 0) - SNIPPET // 2, 0)
    shown = " ".join(words[start : start + SNIPPET])
    return marked(context, f"{'… ' if start else ''}{shown}{' …' if words[start + SNIPPET :] else ''}")


@register.filter
def refined(one, query):
    """A search narrowed to a topic or an outlet."""
    return f'{query} topic:"{one.name}"' if isinstance(one, Topic) else f'{query} provider:"{one.domain}"'


PLACES = {  # of a picture: the widths of its renditions, and how wide it is shown
    "card": ([320], ""),
    "column": ([320, 640], "(min-width: 48rem) 24rem, 6rem"),
    "first": ([320, 640, 1280], "(min-width: 76rem) 36rem, (min-width: 48rem) 50vw, 100vw"),
    "page": ([640, 960, 1280], "(min-width: 42rem) 40rem, 100vw"),
}


@register.inclusion_tag("articles/_picture.html")
def picture(article, place):
    """Its first image that can be shown, for one of PLACES; nothing if there is none."""
    image = renditions.first(article.images.all())
    if image is None:
        return {}
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
    """A term's points with their sign, in groups of three digits."""
    return f"{points:+,}".replace("-", "\N{MINUS SIGN}")


@register.filter
def grouped(number):
    """A whole number in groups of three digits."""
    return f"{number:,}".replace("-", "\N{MINUS SIGN}")
