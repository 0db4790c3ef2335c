"""What a search finds, for tests."""

from articles.models import Article
from articles.search.finding import find
from articles.search.index import refresh
from articles.search.query import parse


def found(text):
    refresh()
    return found_now(text)


def found_now(text):
    titles = dict(Article.objects.values_list("pk", "title"))
    return [titles[pk] for pk in find(parse(text))]
