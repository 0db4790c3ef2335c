"""Sites that readers look at."""

import pytest

from articles.models import ArticleImage, RelatedLink
from tests.factories import make_article, make_provider, make_story, make_topic


@pytest.fixture
def busy():
    """Forty stories of several members, outside links and pictures: what query budgets are held against."""
    harbour, tides = make_topic("Harbour"), make_topic("Tides", parent=make_topic("Harbour"))
    for n in range(40):
        provider = make_provider(f"{n}.example")
        lead, *members = (make_article(topics=[harbour, tides], provider=provider) for _ in range(5))
        story = make_story(lead, *members)
        RelatedLink.objects.create(story=story, title="Out", web_url="https://o.example/", provider=provider)
        ArticleImage.objects.create(article=lead, url="https://i.example/a.jpg", file="pictures/a.webp")


@pytest.fixture
def ours():
    return make_provider("ours.example", name="Ours")


@pytest.fixture
def theirs():
    return make_provider("theirs.example", name="Theirs")
