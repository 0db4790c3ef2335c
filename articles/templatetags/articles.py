"""What a template cannot say by itself."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince

from articles.texts import plain

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


@register.filter
def picture(article):
    """Its first image that we have a copy of."""
    return next((image for image in article.images.all() if image.file), None)


@register.filter
def signed(points):
    """A term's points with their sign, in groups of three digits."""
    return f"{points:+,}".replace("-", "\N{MINUS SIGN}")


@register.filter
def grouped(number):
    """A whole number in groups of three digits."""
    return f"{number:,}".replace("-", "\N{MINUS SIGN}")
