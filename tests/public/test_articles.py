"""An article's page."""

from datetime import UTC, datetime

import pytest

from articles.models import Article, ArticleImage, ProviderImage
from tests.factories import make_article, make_source, make_story
from tests.public.pages import text

pytestmark = pytest.mark.django_db
YOUTUBE = '<iframe width="800" src="https://www.youtube.com/embed/MeridianTid" allowfullscreen></iframe>'


def test_readers_never_see_a_heat_of_minus_one(client):
    lead, article = make_article("lead"), make_article("member")
    make_story(lead, article)
    Article.objects.filter(pk=article.pk).update(published=True)

    assert article.heat_score == -1
    for address in (article.get_absolute_url(), article.provider.get_absolute_url()):
        assert "Heat -1" not in text(client.get(address))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "https:", "//x.example"])
def test_only_web_addresses_are_linked(client, url):
    article = make_article(web_url=url)

    assert f'href="{url}' not in text(client.get("/"))
    assert "Read it at" not in text(client.get(article.get_absolute_url()))


def test_a_video_plays_only_when_opened_and_from_youtube_only(client):
    article = make_article(type="video", web_url="", featured_content=YOUTUBE)
    other = make_article(featured_content='<iframe src="https://evil.example/embed/x"></iframe><script>x</script>')

    page = text(client.get(article.get_absolute_url()))

    assert '<iframe src="https://www.youtube-nocookie.com/embed/MeridianTid"' in page
    assert 'loading="lazy"' in page
    assert "<iframe" not in text(client.get(other.get_absolute_url()))


def test_an_article_without_an_address_links_to_its_own_page(client):
    article = make_article(web_url="")

    assert f'<a href="{article.get_absolute_url()}">{article.title}</a>' in text(client.get("/"))


def test_pages_show_only_pictures_that_are_on_this_site(client):
    article = make_article()
    ArticleImage.objects.create(article=article, url="https://i.example/remote.jpg", width=1, height=1)

    assert "i.example" not in text(client.get("/"))
    assert "i.example" not in text(client.get(article.get_absolute_url()))


def test_a_member_of_a_story_links_to_its_lead(client):
    lead, member = make_article("The lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    assert f'<a href="{lead.story.get_absolute_url()}">The lead</a>' in text(client.get(member.get_absolute_url()))


@pytest.mark.parametrize("hidden", [{"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}])
def test_a_member_of_a_story_does_not_name_a_lead_that_readers_may_not_see(client, hidden):
    lead, member = make_article("The lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)
    Article.objects.filter(pk=lead.pk).update(**hidden)

    assert "The lead" not in text(client.get(member.get_absolute_url()))


def test_articles_of_two_sites_with_one_file_name_have_their_own_pages(client):
    for site in ("north", "south"):
        make_article(f"of {site}", stem="a", source=make_source(site))

    assert "of south" in text(client.get("/news/south/a/"))


def test_a_providers_logo_is_on_its_page_and_on_those_of_its_articles(client):
    lead = make_article()
    make_story(lead, make_article())
    logo = ProviderImage.objects.create(provider=lead.provider, url="https://i.example/l.png", file="pictures/l.png")
    lead = Article.objects.select_related("story__lead", "source").get(pk=lead.pk)

    pages = [text(client.get(page.get_absolute_url())) for page in (lead.provider, lead, lead.story)]

    assert [page.count(f'src="/pictures/p/{logo.pk}/160.webp?s=') for page in pages] == [1, 1, 1]


def test_an_article_whose_title_is_blank_is_called_untitled(client):
    article = make_article("&nbsp;")

    page = text(client.get(article.get_absolute_url()))

    assert "<h1>Untitled</h1>" in page
    assert '"headline": "Untitled"' in page
    assert '<meta property="og:title" content="Untitled">' in page
