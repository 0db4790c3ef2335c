"""Numbers at their bounds: there is room for what is computed from them, and forms take no others."""

import pytest
from django.core.exceptions import ValidationError

from articles.frontmatter import schema
from articles.models import (
    Article,
    ArticleImage,
    ArticleTag,
    ArticleTopic,
    Boost,
    Pin,
    ProviderImage,
    RelatedLink,
    Source,
    Story,
    Topic,
)
from articles.ranking import PINNED, scoring
from articles.stories import links
from tests.factories import make_article, make_provider, make_source, make_story

NUMBERS = [
    *((Article, name, getattr(schema, name.upper())) for name in ("quality", "heat")),
    (RelatedLink, "quality", schema.QUALITY),
    *((model, "position", schema.POSITION) for model in (ArticleImage, ArticleTag, ArticleTopic, Pin, RelatedLink)),
    *((model, side, schema.SIDE) for model in (ArticleImage, ProviderImage) for side in ("width", "height")),
    (Topic, "menu_order", schema.MENU_ORDER),
    (Boost, "points", schema.BOOST),
    *((Source, name, schema.WEIGHT) for name in ("heat_weight", "hot_day_points")),
    *((Source, name, schema.THRESHOLD) for name in ("heat_threshold", "publish_threshold")),
    (Source, "hot_most_coverage", schema.COVERAGE),
]


@pytest.mark.attack(2)
@pytest.mark.parametrize(("model", "name", "bounds"), NUMBERS, ids=[f"{m.__name__}.{n}" for m, n, _ in NUMBERS])
def test_a_form_takes_no_number_beyond_its_bounds(model, name, bounds):
    field = model._meta.get_field(name)

    for number in (bounds.minimum, bounds.maximum):
        assert field.clean(number, None) == number
    for number in (bounds.minimum - 1, bounds.maximum + 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30):
        if not bounds.minimum <= number <= bounds.maximum:
            with pytest.raises(ValidationError):
                field.clean(number, None)


@pytest.mark.django_db
def test_the_largest_figures_leave_room_for_scores_below_a_pin():
    bounds = {name: bound.maximum for model, name, bound in NUMBERS if model is Source}
    source = make_source()
    Source.objects.update(**bounds | {"heat_threshold": 0})
    lead, other = (make_article(quality=schema.QUALITY.maximum, heat=None, source=source) for _ in range(2))
    story = make_story(lead, other)
    Article.objects.update(heat_is_computed=True)
    Story.objects.update(coverage=2**31 - 1)

    Source.objects.get().save()
    Story.objects.filter(pk=story.pk).update(coverage=2_000_000)
    scoring._run("WHERE 1 = 0", (), "", ())

    scores = Article.objects.values_list("quality_score", "heat_score", "hot_score")
    assert all(type(score) is int and score < PINNED for row in scores for score in row)
    assert Article.objects.get(pk=lead.pk).heat_score > schema.QUALITY.maximum + 10**10


@pytest.mark.django_db
@pytest.mark.parametrize("points", [schema.BOOST.maximum, schema.BOOST.minimum])
def test_thousands_of_boosts_stay_within_their_column(points):
    lead, other = make_article(), make_article()
    story = make_story(lead, other)
    for article in (lead, other):
        Boost.objects.bulk_create(Boost(article=article, points=points, reason="x") for _ in range(2500))

    Boost.objects.create(article=lead, points=points, reason="one more")
    Boost.objects.create(article=other, points=points, reason="one more")

    story.refresh_from_db()
    assert abs(story.boost) == 10**9
    assert abs(Article.objects.get(pk=lead.pk).boost) == 10**9


@pytest.mark.slow
@pytest.mark.django_db
def test_a_story_may_have_more_links_than_a_position_counts():
    story, provider = make_story(make_article(), make_article()), make_provider("l.example")
    wanted = [
        {"title": f"L{n}", "web_url": f"https://l.example/{n}", "provider": {"name": "", "domain": provider.domain}}
        for n in range(33_000)
    ]

    links.write_links(story, wanted, [])

    found = RelatedLink.objects.filter(story=story).order_by("position", "pk").values_list("web_url", flat=True)
    assert list(found) == [link["web_url"] for link in wanted]
