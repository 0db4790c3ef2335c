"""The pages readers see."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from articles.models import Article, ArticleImage, ProviderImage, RelatedLink
from articles.search import index as search_index
from tests.factories import make_article, make_provider, make_source, make_story, make_topic

pytestmark = pytest.mark.django_db

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
YOUTUBE = '<iframe width="800" src="https://www.youtube.com/embed/MeridianTid" allowfullscreen></iframe>'


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


def titles(response):
    return [article.title for article in response.context["page"].items]


def text(response):
    return response.content.decode()


def all_pages(article):
    moment = article.published_at
    return [
        "/",
        "/?order=heat",
        article.get_absolute_url(),
        "/topics/",
        "/topics/tides/",
        "/providers/",
        article.provider.get_absolute_url(),
        f"{article.provider.get_absolute_url()}scorecard/?period=all",
        "/archive/",
        f"/archive/{moment.year}/{moment.month}/",
        f"/archive/{moment.year}/{moment.month}/{moment.day}/",
        "/search/?q=Ferries",
        "/search/",
        "/api/news/index.json",
    ]


@pytest.mark.parametrize(
    "hidden",
    [{"published": False}, {"removed": True}, {"published_at": datetime(2999, 1, 1, tzinfo=UTC)}],
    ids=["not published", "removed", "in the future"],
)
def test_what_the_public_may_not_see_is_on_no_page(client, hidden):
    article = make_article("Ferries in secret", topics=[make_topic("Tides", slug="tides")], **hidden)

    for address in all_pages(article):
        assert "Ferries in secret" not in text(client.get(address)), address
    assert client.get(article.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("number", range(13))
def test_every_page_costs_at_most_eight_queries(client, busy, django_assert_max_num_queries, number):
    address = all_pages(Article.objects.published().leads().first())[number]
    search_index.refresh()  # as the importer leaves it

    with django_assert_max_num_queries(8):
        assert client.get(address).status_code == 200


def test_a_missing_page_says_so_and_costs_little(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        response = client.get("/news/harbour/missing/")

    assert response.status_code == 404
    assert "There is no such page" in text(response)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("quality", ["best", "hot", "hotter", "new"]),
        ("heat", ["hotter", "hot", "new", "best"]),
        ("latest", ["new", "best", "hot", "hotter"]),
        ("nonsense", ["best", "hot", "hotter", "new"]),
    ],
)
def test_the_front_page_has_the_order_asked_for(client, order, expected):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    make_article("best", quality=90, heat=70, published_at=moment)
    make_article("hot", quality=80, heat=180, published_at=moment)
    make_article("hotter", quality=70, heat=900, published_at=moment)
    make_article("new", quality=70, heat=80, published_at=moment + timedelta(days=1))

    assert titles(client.get("/", {"order": order})) == expected


def test_equals_are_in_the_order_newest_then_file_name(client):
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    for stem in ("b", "a", "a-c"):
        make_article(stem, stem=stem, published_at=moment)
    make_article("newer", published_at=moment + timedelta(seconds=1))

    assert titles(client.get("/")) == ["newer", "a-c", "a", "b"]


def test_a_period_leaves_out_what_is_older(client):
    make_article("new", published_at=timezone.now() - timedelta(days=2))
    make_article("old", published_at=timezone.now() - timedelta(days=20))

    assert titles(client.get("/?period=week")) == ["new"]
    assert titles(client.get("/?period=month")) == ["new", "old"]


def test_one_card_a_story(client):
    lead, member = make_article("lead"), make_article("member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    assert titles(client.get("/")) == ["lead"]


def test_a_card_shows_its_storys_coverage_with_outlet_time_and_link_out(client):
    lead = make_article("lead")
    member = make_article("member title", provider=make_provider("other.example", name="The Other"))
    make_story(lead, member)

    page = text(client.get("/"))

    item = re.search(r"<li><b>The Other</b>.*?</li>", page, re.S)[0]
    assert f'<a href="{member.web_url}" rel="noopener">member title</a>' in item
    assert "<time datetime=" in item


def test_a_card_folds_long_coverage_and_the_articles_page_unfolds_it(client):
    lead = make_article("lead")
    members = [make_article(f"member {n}", quality=50 + n) for n in range(6)]
    make_story(lead, *members)

    front, page = text(client.get("/")), text(client.get(lead.get_absolute_url()))

    assert "All coverage (6)" in front
    assert "member 5" in front
    assert "member 0" not in front
    assert all(f"member {n}" in page for n in range(6))


def test_an_unpublished_draft_is_no_coverage(client):
    lead, draft = make_article("lead"), make_article("draft title")
    make_story(lead, draft)
    Article.objects.filter(pk=draft.pk).update(heat=60, published=False)

    assert "draft title" not in text(client.get("/"))
    assert "draft title" not in text(client.get(lead.get_absolute_url()))


@pytest.mark.parametrize("values", [{"heat": -1}, {"published": True}], ids=["hidden", "published"])
def test_what_is_dated_in_the_future_is_no_coverage(client, values):
    lead, member = make_article("lead"), make_article("not yet")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published_at=datetime(2999, 1, 1, tzinfo=UTC), **values)

    for address in ("/", lead.get_absolute_url()):
        assert "not yet" not in text(client.get(address))


def test_a_link_to_an_article_that_was_removed_is_no_coverage(client):
    lead, removed = make_article("lead"), make_article(removed=True)
    story = make_story(lead)
    RelatedLink.objects.create(
        story=story, title="Withdrawn", web_url="https://o.example/", provider=lead.provider, target=removed
    )

    for address in ("/", lead.get_absolute_url()):
        assert "Withdrawn" not in text(client.get(address))


def test_links_that_lead_out_are_coverage(client):
    lead = make_article("lead")
    story = make_story(lead)
    provider = make_provider("other.example", name="The Other")
    RelatedLink.objects.create(story=story, title="Elsewhere", web_url="https://o.example/e f", provider=provider)

    for address in ("/", lead.get_absolute_url()):
        assert '<a href="https://o.example/e%20f" rel="noopener">Elsewhere</a>' in text(client.get(address))


def test_heat_of_minus_one_is_never_a_number_to_a_reader(client):
    lead, article = make_article("lead"), make_article("member")
    make_story(lead, article)
    Article.objects.filter(pk=article.pk).update(published=True)

    assert article.heat_score == -1
    for address in (article.get_absolute_url(), article.provider.get_absolute_url()):
        assert "Heat -1" not in text(client.get(address))


@pytest.mark.parametrize(
    "address",
    [
        "/news/harbour/%00/",
        "/topics/%00/",
        "/providers/%00/",
        "/api/news/%00/index.json",
        "/harbour/api/news/%00/page/1/index.json",
    ],
)
def test_no_name_in_an_address_is_an_error(client, address):
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", "²", "9" * 30, "1000", "", "\x00"])
def test_no_page_number_is_an_error(client, page):
    make_article()

    assert client.get("/", {"page": page}).status_code == 200


def test_pages_follow_each_other_and_keep_the_order(client):
    for _ in range(31):
        make_article()

    first = client.get("/?order=latest")
    link = re.search(r'href="(\?order=latest&amp;after=[\w-]+)" rel="next"', text(first))[1]
    second = client.get(f"/{unescape(link)}")

    assert (len(titles(first)), len(titles(second))) == (30, 1)
    assert not set(titles(first)) & set(titles(second))


def test_a_months_calendar_leads_to_its_days_that_have_articles(client):
    for day in (1, 19, 19, 30):
        make_article(published_at=datetime(2026, 11, day, 23, 59, tzinfo=UTC) - timedelta(days=365))

    page = text(client.get("/archive/2025/11/"))

    days = re.findall(r'href="/archive/2025/11/(\d+)/">\d+<span[^>]*> November:</span> <span[^>]*>(\d+)<', page)
    assert days == [("1", "1"), ("19", "2"), ("30", "1")]


@pytest.mark.parametrize(
    ("address", "before", "after"),
    [
        ("/archive/2024/6/", "/archive/2023/1/", "/archive/2025/3/"),
        ("/archive/2025/3/", "/archive/2023/1/", None),
        ("/archive/2023/1/", None, "/archive/2025/3/"),
        ("/archive/2025/3/2/", "/archive/2025/3/1/", None),
        ("/archive/2024/6/1/", "/archive/2023/1/31/", "/archive/2025/3/1/"),
    ],
)
def test_the_archive_leads_to_the_nearest_times_that_have_articles(client, address, before, after):
    for moment in ((2023, 1, 31), (2025, 3, 1), (2025, 3, 2)):
        make_article(published_at=datetime(*moment, tzinfo=UTC))

    context = client.get(address).context

    for name, expected in (("previous", before), ("next", after)):
        assert (context[name] and context[name]["address"]) == expected


def test_the_menu_has_topics_below_the_one_they_belong_to(client):
    site, other = make_topic("Site", menu_order=0), make_topic("Other", menu_order=5)
    make_topic("Unused", parent=site)
    make_article(topics=[make_topic("B", parent=site, menu_order=2), make_topic("A", parent=site, menu_order=1)])
    make_article(topics=[make_topic("C", parent=other, menu_order=6)])

    menu = client.get("/").context["menu"]

    assert [(above.name, [topic.name for topic in below]) for above, below in menu] == [
        ("Site", ["A", "B"]),
        ("Other", ["C"]),
    ]


def test_the_error_page_needs_nothing_that_could_fail_too():
    page = render_to_string("500.html")

    assert "Something went wrong here" in page
    assert 'href="/static/site.css"' in page


@pytest.mark.parametrize(
    "address",
    ["/archive/2026/13/", "/archive/2026/2/31/", "/archive/0/1/", "/archive/99999/1/", "/archive/9999/12/31/"],
)
def test_dates_that_do_not_exist_are_not_found(client, address):
    assert client.get(address).status_code == 404


def test_the_archive_has_months_days_and_articles(client):
    make_article("november", published_at=datetime(2025, 11, 30, 23, 59, tzinfo=UTC))
    make_article("december", published_at=datetime(2025, 12, 1, tzinfo=UTC))

    assert titles(client.get("/archive/2025/11/")) == ["november"]
    assert titles(client.get("/archive/2025/12/1/")) == ["december"]
    assert 'href="/archive/2025/11/"' in text(client.get("/archive/"))


def test_search_finds_articles_with_every_word(client):
    make_article("Ferries and tides")
    make_article("Ferries", excerpt="The tides")
    make_article("Ferries")

    assert len(titles(client.get("/search/?q=ferries+tides"))) == 2


@pytest.mark.parametrize("word", ["Don\u2019t", "don't", "micro\u00adsoft", "snake_case", "Ferries"])
def test_a_word_that_was_searched_for_is_marked_whole(client, word):
    make_article(f"Today: \u2018{word}\u2019, it says")

    page = unescape(text(client.get("/search/", {"q": f"{word} "})))

    assert f"\u2018<mark>{word}</mark>\u2019" in page


@pytest.mark.parametrize("query", ["micros", "microservices ", 'late "micros', '"late microservices"', "micro "])
def test_the_counts_beside_a_search_lead_to_as_many_articles(client, query):
    topic, outlet = make_topic('The "big" topic'), make_provider("herald.example")
    for title in ("Late microservices", "Microservices late", "Late micros", "Late micro"):
        make_article(title, topics=[topic], provider=outlet)
        make_article(title)

    page = text(client.get("/search/", {"q": query}))

    counts = re.findall(r'<a href="(\?q=[^"]*)" rel="nofollow">[^<]*</a> (\d+)', page)
    assert len(counts) == 3
    for address, number in counts:
        assert len(titles(client.get(f"/search/{unescape(address)}"))) == int(number)


@pytest.mark.parametrize(
    "query", ["", " ", "\x00", "%", "_", "'", '"', "\\", "😀", "a" * 10_000, "<script>alert(1)</script>"]
)
def test_no_search_is_an_error_and_what_was_asked_is_shown_as_text(client, query):
    response = client.get("/search/", {"q": query})

    assert response.status_code == 200
    assert "<script" not in text(response)


@pytest.mark.parametrize(("address", "hidden"), [("/search/", False), ("/search/?q=a", False), ("/search/?q=b", True)])
def test_only_a_search_that_finds_nothing_is_hidden_from_search_engines(client, address, hidden):
    make_article(title="A")

    page = text(client.get(address))

    assert ('<meta name="robots" content="noindex">' in page) is hidden
    assert '<link rel="canonical" href="http://localhost:8000/search/">' in page


def test_browsers_are_told_how_to_search_here(client):
    assert '<link rel="search" href="/opensearch.xml"' in text(client.get("/"))

    response = client.get("/opensearch.xml")
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    names = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
    page = root.find("o:Url[@type='text/html']", names).get("template")

    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    assert page == "http://localhost:8000/search/?q={searchTerms}"


def test_text_is_shown_with_its_entities_decoded_and_its_markup_as_text(client):
    make_article("Today we&#8217;re &lt;b&gt; <BRN.X> & co", excerpt="a &amp; b")

    page = text(client.get("/"))

    assert "Today we\u2019re &lt;b&gt; &lt;BRN.X&gt; &amp; co" in page
    assert "a &amp; b" in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "https:", "//x.example"])
def test_only_web_addresses_are_linked(client, url):
    article = make_article(web_url=url)

    assert f'href="{url}' not in text(client.get("/"))
    assert "Read it at" not in text(client.get(article.get_absolute_url()))


def test_coverage_without_a_web_address_is_text(client):
    lead = make_article("lead")
    story = make_story(lead)
    RelatedLink.objects.create(story=story, title="Elsewhere", web_url="javascript:x", provider=lead.provider)

    for address in ("/", lead.get_absolute_url()):
        page = text(client.get(address))
        assert "</b> Elsewhere</li>" in page
        assert 'href=""' not in page
        assert "javascript:" not in page


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


def test_a_member_of_a_story_leads_to_its_lead(client):
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


def test_pages_carry_a_policy_without_inline_scripts(client):
    policy = client.get("/")["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_templates_trust_no_text_and_hold_no_inline_scripts_or_styles(path):
    source = path.read_text()

    styles = "" if path.name == "issue.html" else "<style| style=|"  # a mail has no other
    assert not re.search(styles + r"\|safe|autoescape|\son\w+=|<script(?![^>]* src=)", source)
    assert "<script" not in source or path.parent.name == "admin"


def test_secured_is_on_no_page(client, busy):
    for address in all_pages(Article.objects.published().leads().first()):
        assert "secured" not in text(client.get(address))


def test_pages_are_for_reading_only(client):
    assert client.post("/").status_code == 405


def test_the_list_of_topics_has_every_level(client):
    make_topic("Bollards", parent=make_topic("Quay", parent=make_topic("Harbour")))

    page = text(client.get("/topics/"))

    assert page.index(">Harbour</a>") < page.index(">Quay</a>") < page.index(">Bollards</a>")


def test_an_outlets_logo_stands_on_its_page_and_on_those_of_its_articles(client):
    lead = make_article()
    make_story(lead, make_article())
    logo = ProviderImage.objects.create(provider=lead.provider, url="https://i.example/l.png", file="pictures/l.png")
    lead = Article.objects.select_related("story__lead", "source").get(pk=lead.pk)

    pages = [text(client.get(page.get_absolute_url())) for page in (lead.provider, lead, lead.story)]

    assert [page.count(f'src="/pictures/p/{logo.pk}/160.webp?s=') for page in pages] == [1, 1, 1]


def test_the_coverage_below_a_lead_has_articles_that_stand_elsewhere_on_the_page_too(client):
    lead, member = make_article("The lead"), make_article("The member")
    make_story(lead, member)
    Article.objects.filter(pk=member.pk).update(published=True)

    cards = client.get(lead.provider.get_absolute_url()).context["page"].items

    assert {card.title: [item.title for item in card.coverage] for card in cards} == {
        "The lead": ["The member"],
        "The member": ["The lead"],
    }


@pytest.mark.parametrize("asked", ["/archive/2026/11/", "/archive/02026/0011/"])
def test_a_months_address_is_one_however_it_is_written(client, asked):
    make_article()

    assert '<link rel="canonical" href="http://localhost:8000/archive/2026/11/">' in client.get(asked).content.decode()


def test_an_outlets_name_is_shown_without_entities_wherever_it_stands(client):
    provider = make_provider("att.example", name="AT&amp;T\x0b", description="Calls\x0b &amp; more")
    article = make_article("A &amp; B", provider=provider)

    for address in (*all_pages(article), f"{provider.get_absolute_url()}scorecard/"):
        page = client.get(address).content.decode()
        assert "&amp;amp;" not in page, address
        assert "\x0b" not in page, address


def test_a_title_of_which_nothing_is_left_has_a_name(client):
    article = make_article("&nbsp;")

    page = client.get(article.get_absolute_url()).content.decode()

    assert "<h1>Untitled</h1>" in page
    assert '"headline": "Untitled"' in page
    assert '<meta property="og:title" content="Untitled">' in page
