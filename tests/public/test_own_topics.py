"""A site's own topic, which all its articles have, at any place among an article's topics."""

import pytest

from articles.models import Article, Topic
from articles.newsletter import issues
from articles.templatetags.articles import topics_to_show
from tests.factories import make_article, make_topic

pytestmark = pytest.mark.django_db

TOPICS = {  # those of an article: those on its card, and its section of the newsletter
    "first": (["Virus", "Asia"], ["Asia"], "Asia"),
    "last": (["Asia", "Virus"], ["Asia"], "Asia"),
    "between": (["Asia", "Virus", "China"], ["Asia", "China"], "Asia"),
    "beside one that nothing is known of": (["Virus", "Australia"], ["Australia"], "Australia"),
    "after one that nothing is known of": (["Australia", "Virus", "China"], ["Australia", "China"], "Australia"),
    "alone": (["Virus"], ["Virus"], None),
    "missing": (["China", "Asia"], ["China", "Asia"], "China"),
    "missing, with others that nothing is known of": (["Australia", "Peru"], ["Australia", "Peru"], None),
}


@pytest.fixture
def tree():
    virus = make_topic("Virus", slug="virus")
    asia = make_topic("Asia", slug="asia", parent=virus)
    make_topic("China", slug="china", parent=asia)
    for name in ("Australia", "Peru"):
        make_topic(name, slug=name.lower())


@pytest.mark.parametrize("place", TOPICS)
def test_a_card_leaves_out_the_sites_own_topic_wherever_it_stands(tree, place):
    names, shown, _ = TOPICS[place]
    make_article(topics=[Topic.objects.get(name=name) for name in names])

    article = Article.objects.with_topics().get()

    assert [topic.name for topic in topics_to_show(article)] == shown


@pytest.mark.parametrize("place", TOPICS)
def test_an_issues_section_is_not_the_sites_own_topic(tree, place):
    names, _, section = TOPICS[place]
    make_article(topics=[Topic.objects.get(name=name) for name in names])

    found = issues.section_of(Article.objects.with_topics().get())

    assert (found and found.name) == section


@pytest.mark.parametrize("place", TOPICS)
def test_the_topic_above_an_article_is_not_the_sites_own(client, tree, place):
    names, shown, _ = TOPICS[place]
    article = make_article(topics=[Topic.objects.get(name=name) for name in names])

    page = client.get(article.get_absolute_url()).content.decode()

    steps = page.partition('"BreadcrumbList"')[2].partition("</script>")[0]
    assert f'"name": "{shown[0]}"' in steps
