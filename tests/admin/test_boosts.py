"""Boosts and pins on articles that readers do not see."""

import pytest

from articles.models import Article, Boost, Pin
from tests.admin.forms import form_data
from tests.factories import make_article, make_provider, make_story, make_topic

pytestmark = pytest.mark.django_db

VALUES = {"boost": {"points": 5, "reason": "Good"}, "pin": {"position": 1, "reason": "Good"}}


def add(client, kind, article, **values):
    address = f"/admin/articles/{kind}/add/"
    sent = form_data(client.get(address)) | VALUES[kind] | {"article": article.pk, **values}
    return client.post(address, sent, follow=True).content.decode()


@pytest.mark.parametrize("kind", VALUES)
def test_a_boost_or_pin_that_readers_cannot_notice_is_told_at_saving_and_in_the_list(admin_client, kind):
    public = make_article()
    member = make_article()
    make_story(make_article(), member)
    for article in (public, member):
        page = add(admin_client, kind, article)
        assert "no effect" not in page
        assert ">Counts</td>" in page

    hidden = make_article("Hidden <b>", published=False)
    page = add(admin_client, kind, hidden)
    assert "It has no effect until “<bdi>Hidden &lt;b&gt;</bdi>” is published." in page
    assert ">None until it is published</td>" in page

    Article.objects.filter(pk=public.pk).update(removed=True)
    assert ">None: removed</td>" in admin_client.get(f"/admin/articles/{kind}/").content.decode()


@pytest.mark.parametrize("kind", VALUES)
def test_a_removed_article_is_neither_boosted_nor_pinned(admin_client, kind):
    page = add(admin_client, kind, make_article(removed=True))

    assert "This article is removed: readers never see it. Choose another one." in page
    assert not Boost.objects.exists()
    assert not Pin.objects.exists()


def test_a_pin_on_a_page_without_the_card_is_told(admin_client):
    article, topic, outlet = (
        make_article(topics=[make_topic("Tides")]),
        make_topic("Harbour"),
        make_provider("o.example"),
    )

    for values in ({"topic": topic.pk}, {"provider": outlet.pk}):
        assert "It has no effect, because the card is not on" in add(admin_client, "pin", article, **values)
    for values in ({"topic": make_topic("Tides").pk}, {"provider": article.provider.pk}):
        assert "no effect" not in add(admin_client, "pin", article, **values)
