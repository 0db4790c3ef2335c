"""Every text that readers see can be translated, and the German catalogue has them all."""

import gettext
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import dates, timezone
from django.utils.translation import override

from articles.models import Article, Boost, Mark, Pin, Source
from articles.public.why import sentence
from articles.ranking import Facts, Rules, Term, terms
from articles.search import index as search_index
from articles.templatetags.articles import duration, grouped, percent, signed
from newsroom import environment
from tests import catalogues
from tests.factories import make_article, make_provider, make_story, make_topic
from tests.paths import ROOT

GERMAN = ROOT / "locale" / "de" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|</?[a-z]+|href=\"[^\"]*\"")
WORD = re.compile("[A-Za-z]{2,}")
SHOWN = {"alt", "aria-label", "placeholder", "title"}  # attributes
# What has letters and is no text of ours: months, days and lengths of time, which Django translates, and the sample
# data's domains.
with override("de"):
    DATES = [str(name) for names in (dates.MONTHS, dates.MONTHS_AP, dates.WEEKDAYS_ABBR) for name in names.values()]
OTHER = re.compile(rf"\b(?:UTC|[a-z]\.example|\d+\xa0[A-Z][a-z]+|{'|'.join(map(re.escape, DATES))})(?!\w)")
FAR = datetime(2999, 1, 1, tzinfo=UTC)


class Unmarked(HTMLParser):
    """Finds the words of a page that stand in no ⟦translated text⟧; `code` and what machines read are none."""

    def __init__(self, page):
        super().__init__()
        self.found, self.depth, self.element = [], 0, ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.element = tag
        named = dict(attributes)
        shown = [text for name, text in attributes if name in SHOWN]
        if tag == "meta" and re.search("description|title|alt", named.get("name") or named.get("property") or ""):
            shown.append(named["content"])
        for text in shown:
            self.look_at(text)

    def handle_endtag(self, tag):
        self.element = ""

    def handle_data(self, text):
        if self.element not in ("code", "script"):
            self.look_at(text)

    def look_at(self, text):
        for part in re.split("([⟦⟧])", OTHER.sub("", text)):
            if part in ("⟦", "⟧"):
                self.depth += 1 if part == "⟦" else -1
            elif not self.depth and WORD.search(part):
                self.found.append(part.strip())


def test_a_text_that_is_not_marked_is_found():
    page = '<p>⟦Go to <a href="/">the page</a>⟧</p><p>Hello</p><p>3 ⟦more⟧</p><img alt="A boat"><code>quality:60</code>'

    assert Unmarked(page).found == ["Hello", "A boat"]


@pytest.fixture
def bracketed(settings, tmp_path):
    """A language in which each text of the German catalogue stands in brackets, as it is in English."""
    texts = {}
    for message in catalogues.read(GERMAN):
        forms = [message.text, message.plural] if message.plural else [message.text]
        texts[message.key] = "\0".join(f"⟦{form}⟧" for form in forms)
    catalogues.write(tmp_path / "de" / "LC_MESSAGES" / "django.mo", texts)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGE_CODE = "de"


@pytest.fixture
def site(settings):
    """Articles whose own texts have no Latin letters; returns the addresses of the pages that readers may see."""
    settings.NEWSROOM_SITE_NAME = "新聞"
    settings.NEWSROOM_OUTLET_LIMIT = 1
    settings.NEWSROOM_SENDS_MAIL = True
    sea = make_topic("海", slug="sea")
    tides = make_topic("波", slug="tides", parent=sea)
    ours, theirs, _ = (make_provider(f"{domain}.example", name=name) for domain, name in ("a甲", "b乙", "c丙"))
    for number in range(32):
        make_article(f"船 {number}", topics=[sea, tides], provider=ours, stem=str(number))
    now = timezone.now()
    others = [make_article(f"港 {n}", stem=f"s{n}", provider=theirs, quality=n, topics=[tides]) for n in range(4)]
    lead = make_article("島", stem="lead", excerpt="一", provider=ours, topics=[tides], published_at=now)
    make_story(lead, *others)
    video = '<iframe src="https://www.youtube.com/embed/MeridianTid"></iframe>'
    recent = make_article(
        "時", stem="recent", provider=theirs, published_at=now - timedelta(hours=5), featured_content=video
    )
    Boost.objects.create(article=lead, points=-7, reason="否", until=FAR)
    Boost.objects.create(article=lead, points=9, reason="可")
    Pin.objects.create(article=lead, reason="可", position=2)
    Pin.objects.create(article=lead, reason="可", topic=tides, until=FAR)
    search_index.refresh()
    lead.story.lead = lead
    return [
        *("/", "/?page=2", "/?order=hot", "/?period=day", "/topics/", "/topics/tides/", "/providers/", "/archive/"),
        *("/providers/a.example/", "/providers/b.example/scorecard/?period=all", "/providers/c.example/scorecard/"),
        *("/providers/a.example/scorecard/", "/providers/c.example/", "/archive/2026/11/", "/archive/2026/11/1/"),
        *("/search/", "/search/?q=船", "/search/?q=無", "/newsletter/", "/no/such/page/"),
        *(recent.get_absolute_url(), lead.get_absolute_url(), others[0].get_absolute_url()),
        lead.story.get_absolute_url(),
        *(reverse("why", args=[article.pk]) for article in (lead, recent)),
    ]


@pytest.mark.django_db
def test_every_text_on_every_page_is_translated(client, site, bracketed):
    unmarked = {address: Unmarked(client.get(address).content.decode()).found for address in site}

    assert {address: found for address, found in unmarked.items() if found} == {}


@pytest.mark.django_db
def test_every_text_of_the_desk_is_translated(admin_client, site, bracketed):
    first, *_, lead, recent = Article.objects.order_by("pk").values_list("pk", flat=True)
    Source.objects.update(title="港")  # else its name is shown
    Mark.objects.bulk_create(Mark(article_id=pk) for pk in (first, lead, recent))
    Source.objects.update(title="港")
    admin_client.post("/admin/desk/filters/", {"name": "可", "query": "mark=all"})
    card = f"/admin/desk/triage/{lead}/"
    pages = ["", "triage/", "triage/?mark=all&run=1", "triage/?mark=all&state=ended", f"triage/{recent}/"]
    pages += [f"triage/{first}/stories/", f"triage/{first}/stories/?q=島"]
    shown = {page: admin_client.get(f"/admin/desk/{page}") for page in pages}
    for do, sent in (("quality", "x"), ("topics", "x"), ("boost", "x"), ("undo", ""), ("unpublish", "")):
        given = {"do": do, "quality": sent, "add": "無", "points": sent, "reason": "否"}
        shown[do] = admin_client.post(card, given, headers={"X-Desk": "1"})

    unmarked = {page: Unmarked(response.content.decode()).found for page, response in shown.items()}
    assert {page: found for page, found in unmarked.items() if found} == {}


def test_the_page_for_errors_is_translated(bracketed):
    assert Unmarked(render_to_string("500.html")).found == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/feeds/rss.xml", "/feeds/feed.json", "/search/rss.xml?q=a", "/opensearch.xml"])
def test_what_feeds_and_browsers_are_told_is_translated(client, site, bracketed, address):
    answer = client.get(address).content.decode()

    assert "⟦" in answer
    assert "Read it" not in re.sub("⟦[^⟧]*⟧", "", answer)


def test_every_reason_of_a_score_is_a_sentence(bracketed):
    facts = [Facts(60, FAR, boost=5, coverage=2, heat=900), Facts(6, FAR, boost=-5, coverage=20), Facts(6, FAR, False)]
    found = [
        term for order in ("quality", "heat", "hot", "latest") for each in facts for term in terms(order, each, Rules())
    ]

    assert {sentence(term)[0] for term in found} == {"⟦"}


def test_a_reason_may_have_percent_signs():
    assert sentence(Term("boost", 1, "by an editor", {"reason": "100%s"})) == "by an editor: 100%s"


def test_the_german_catalogue_is_complete():
    messages = catalogues.read(GERMAN)

    assert len(messages) > 100
    assert [message.text for message in messages if message.is_fuzzy or not all(message.translations)] == []


def test_translations_have_the_placeholders_and_elements_of_their_texts():
    for message in catalogues.read(GERMAN):
        forms = [message.text, message.plural or message.text]
        for form, translation in zip(forms, message.translations, strict=False):
            assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(form)), message.text


def test_the_compiled_catalogue_is_that_of_its_source():
    with GERMAN.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)

    for message in catalogues.read(GERMAN):
        if message.plural:
            found = tuple(compiled.ngettext(message.text, message.plural, number) for number in (1, 2))
        elif message.context:
            found = (compiled.pgettext(message.context, message.text),)
        else:
            found = (compiled.gettext(message.text),)
        assert found == message.translations


@pytest.mark.slow
def test_the_german_catalogue_has_every_text_that_is_marked(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "media", "node_modules", "*.sqlite3*"))
    options = ["-l", "de", "-e", "html,py,txt,xml", "--no-location", "--no-wrap", "-i", "tests"]

    subprocess.run([sys.executable, "manage.py", "makemessages", *options], cwd=copy, check=True, capture_output=True)

    expected = catalogues.read(copy / GERMAN.relative_to(ROOT))
    assert {message.key for message in expected} == {message.key for message in catalogues.read(GERMAN)}


@pytest.mark.django_db
def test_a_german_site_speaks_german(client, site, settings):
    settings.LANGUAGE_CODE = "de"

    page = client.get("/").content.decode()

    assert '<html lang="de"' in page
    for words in ("Zu den Nachrichten springen", ">Qualität<", "Angeheftet", "vor\xa05\xa0Stunden", "1. Nov. 2026"):
        assert words in page, words
    assert "1. November 2026" in client.get("/archive/2026/11/1/").content.decode()
    assert '"language": "de"' in client.get("/feeds/feed.json").content.decode()
    assert "Accept-Language" not in client.get("/").get("Vary", "")


@pytest.mark.django_db
def test_a_readers_browser_does_not_choose_the_language(client):
    page = client.get("/", headers={"accept-language": "de"}).content.decode()

    assert '<html lang="en"' in page


@pytest.mark.django_db
def test_a_translated_page_costs_as_many_queries_and_hardly_more_bytes(client, site, settings):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = client.get("/")
        return len(queries), len(page.content)

    client.get("/")
    queries, size = cost()
    settings.LANGUAGE_CODE = "de"
    client.get("/")

    german_queries, german_size = cost()

    assert german_queries == queries
    assert german_size < size * 1.05


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["12.5%", "under 0.1%", "3,210", "+3,210", "\u22123,210", "2\xa0hours, 5\xa0minutes"]),
        ("de", ["12,5\xa0%", "unter 0,1\xa0%", "3.210", "+3.210", "\u22123.210", "2\xa0Stunden, 5\xa0Minuten"]),
    ],
)
def test_numbers_are_written_as_the_language_does(settings, language, expected):
    settings.LANGUAGE_CODE = language

    found = [percent(0.125), percent(0.0001), grouped(3210), signed(3210), signed(-3210)]

    assert [*found, duration(timedelta(hours=2, minutes=5))] == expected


def test_a_site_speaks_the_language_that_it_is_set_to():
    variables = {**os.environ, "NEWSROOM_LANGUAGE": "de", "DJANGO_SETTINGS_MODULE": "newsroom.settings"}
    program = "import django; django.setup(); from django.utils.translation import gettext; print(gettext('Topics'))"

    result = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )

    assert result.stdout == "Themen\n"


@pytest.mark.parametrize("value", ["fr", "DE", "de-at", "german"])
def test_a_language_without_a_catalogue_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("NEWSROOM_LANGUAGE", value)

    with pytest.raises(ImproperlyConfigured, match=f"NEWSROOM_LANGUAGE: expected en or de, found '{value}'"):
        environment.one_of("NEWSROOM_LANGUAGE", "en", ["en", "de"])
