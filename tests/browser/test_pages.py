"""Every page in a real browser: accessible, valid, silent, and talking to its own site only."""

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.paths import SAMPLES

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parent / "screenshots"
SCHEMES = ["light", "dark"]
WIDTHS = [360, 1280]


def article(words):
    """The address of the sample article with these words in its file's name."""
    (path,) = SAMPLES.glob(f"_news/*{words}*.md")
    return f"/news/meridian/{path.stem}/"


PUBLIC = {
    "front": "/",
    "front-heat": "/?order=heat",
    "front-hot": "/?order=hot",
    "front-latest": "/?order=latest&period=year",
    "front-page-2": "/?page=2",
    "front-beyond": "/?page=999",
    "article-story": article("the-night-the-marguerite"),
    "article-links-out": article("seaweed-bread"),
    "article-video": article("watch-the-spring-tide"),
    "article-alone": article("the-long-crossing"),
    "topics": "/topics/",
    "topic": "/topics/ferries/",
    "topic-root": "/topics/meridian/",
    "providers": "/providers/",
    "provider": "/providers/tidewaterpost.example/",
    "scorecard": "/providers/tidewaterpost.example/scorecard/?period=all",
    "scorecard-empty": "/providers/tidewaterpost.example/scorecard/?period=day",
    "archive": "/archive/",
    "archive-month": "/archive/2026/11/",
    "archive-day": "/archive/2026/11/19/",
    "search": "/search/",
    "search-found": "/search/?q=ferry",
    "search-nothing": "/search/?q=zzzz",
    "missing": "/no/such/page/",
}
FOUND = {"story": r"/stories/[^\"]+", "why": r"/why/\d+/"}  # the first that the front page leads to
DESK = {
    "login": "/admin/logout/",
    "index": "/admin/",
    "articles": "/admin/articles/article/",
    "articles-found": "/admin/articles/article/?q=ferry&published__exact=1",
    "article-add": "/admin/articles/article/add/",
    "stories": "/admin/articles/story/",
    "topics": "/admin/articles/topic/",
    "providers": "/admin/articles/provider/",
    "links": "/admin/articles/relatedlink/",
    "sources": "/admin/articles/source/",
    "imports": "/admin/articles/importrun/",
    "conflicts": "/admin/articles/conflict/",
    "conflicts-all": "/admin/articles/conflict/?state=all",
    "deleted": "/admin/articles/deletedarticle/",
    "suggestions": "/admin/articles/suggestion/",
    "boosts": "/admin/articles/boost/",
    "boost-add": "/admin/articles/boost/add/",
    "pins": "/admin/articles/pin/",
    "pin-add": "/admin/articles/pin/add/",
}
CHANGE = ["article", "story", "topic", "provider"]  # forms reached through the first row of their lists


class Watch:
    """What a page should not have done: messages, failed requests, requests to other hosts."""

    def __init__(self, page, site):
        self.troubles = []
        page.on("console", lambda message: self.add(message.type, message.text))
        page.on("pageerror", lambda error: self.add("error", str(error)))
        page.on("requestfailed", lambda request: self.add("failed", request.url))
        page.on("request", lambda request: self.host(request.url, site.url))

    def add(self, kind, what):
        if kind in ("error", "warning", "failed", "elsewhere"):
            self.troubles.append((kind, what))

    def host(self, url, own):
        if not url.startswith((own, "data:")):
            self.add("elsewhere", url)


@pytest.fixture
def open_page(browser, site):
    """A function that opens an address in a fresh context, and closes that after the test."""
    contexts = []

    def open_(address, width=1280, scheme="light", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        page = context.new_page()
        page.watch = Watch(page, site)
        page.goto(site.url + address)
        return page

    yield open_
    for context in contexts:
        context.close()


def violations(page, *without):
    """What axe finds, as rule and selector."""
    found = Axe().run(page).response["violations"]
    return [
        (v["id"], node["target"], node["failureSummary"])
        for v in found
        if v["id"] not in without
        for node in v["nodes"]
    ]


def picture(page, name, width, scheme):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


def address_of(site, name):
    """A public page's address."""
    if name in PUBLIC:
        return PUBLIC[name]
    with urllib.request.urlopen(site.url) as response:
        return re.search(FOUND[name], response.read().decode())[0]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*PUBLIC, *FOUND])
def test_public_pages_are_accessible_silent_and_fit(open_page, site, name, width, scheme):
    page = open_page(address_of(site, name), width, scheme)

    picture(page, name, width, scheme)
    expected = [("error", "Failed to load resource: the server responded with a status of 404 (Not Found)")]
    assert page.watch.troubles == (expected if name == "missing" else [])
    assert violations(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("name", [*PUBLIC, *FOUND])
def test_public_pages_are_valid_html(site, nu_errors, name):
    try:
        with urllib.request.urlopen(site.url + address_of(site, name)) as response:
            html = response.read().decode()
    except urllib.error.HTTPError as error:
        html = error.read().decode()

    assert nu_errors(html) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DESK)
def test_the_desk_is_accessible_and_silent(open_page, editor_state, name, width, scheme):
    state = {} if name == "login" else {"storage_state": editor_state}
    page = open_page("/admin/" if name == "login" else DESK[name], width, scheme, **state)

    picture(page, f"desk-{name}", width, scheme)
    assert page.watch.troubles == []
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("model", CHANGE)
def test_the_desks_forms_are_accessible_and_silent(open_page, editor_state, model, width, scheme):
    page = open_page(f"/admin/articles/{model}/", width, scheme, storage_state=editor_state)

    page.locator("#result_list tbody th a").first.click()
    page.wait_for_selector("[name=_save]")
    picture(page, f"desk-{model}-form", width, scheme)

    assert page.watch.troubles == []
    assert violations(page) == []


RECORDS = {  # pages reached by their links
    "import": ["/admin/articles/importrun/?state__exact=done", "#result_list tbody th a"],
    "conflict": ["/admin/articles/conflict/?field=excerpt", "#result_list tbody th a"],
    "conflict-images": ["/admin/articles/conflict/?field=images", "#result_list tbody th a"],
    "conflicted-article": ["/admin/articles/conflict/", "#result_list tbody th a", ".field-subject_link a"],
    "values": [
        "/admin/articles/conflict/",
        "#result_list tbody th a",
        ".field-subject_link a",
        "text=Where its values come from",
    ],
    "history": ["/admin/articles/conflict/", "#result_list tbody th a", ".field-subject_link a", ".historylink"],
    "story-edit": ["/admin/articles/story/", "#result_list tbody th a", "text=Merge, split, lead, undo"],
    "scorecard": ["/admin/articles/provider/?q=tidewater", "#result_list tbody th a", "text=Scorecard"],
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", RECORDS)
def test_what_imports_leave_is_accessible_and_silent(open_page, editor_state, name, width, scheme):
    address, *links = RECORDS[name]
    page = open_page(address, width, scheme, storage_state=editor_state)

    for link in links:
        with page.expect_navigation():
            page.locator(link).first.click()
    picture(page, f"desk-{name}", width, scheme)

    assert page.watch.troubles == []
    assert violations(page) == []


def test_an_editor_resolves_a_conflict_with_the_keyboard_alone(open_page, editor_state):
    page = open_page("/admin/articles/conflict/?field=title", storage_state=editor_state)
    page.locator("#result_list tbody th a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Take the file's").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert "1 conflict resolved" in page.locator(".messagelist").inner_text()


def test_an_editor_changes_a_title_with_the_keyboard_alone(open_page, editor_state, site):
    page = open_page("/admin/articles/article/?q=ferry", storage_state=editor_state)
    page.locator("#result_list tbody th a").first.focus()
    page.keyboard.press("Enter")
    title = page.locator("#id_title")
    title.focus()
    page.keyboard.press("End")
    page.keyboard.type(" (by keyboard)")
    page.keyboard.press("Enter")

    page.wait_for_selector(".messagelist .success")
    assert "(by keyboard)" in page.locator(".messagelist").inner_text()


def test_an_editor_leads_a_story_with_another_article_and_undoes_it_with_the_keyboard_alone(open_page, editor_state):
    page = open_page("/admin/articles/story/", storage_state=editor_state)
    page.locator("#result_list tbody th a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("link", name="Merge, split, lead, undo").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")

    page.locator("[name=article]").nth(1).focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Make it the lead").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Done: set the lead" in page.locator(".messagelist").inner_text()

    page.locator("button", has_text="Undo").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Done: undid: set the lead" in page.locator(".messagelist").inner_text()


def test_the_front_page_is_walked_by_keyboard_with_a_visible_focus(open_page):
    page = open_page("/")
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "[document.activeElement.textContent.trim(), getComputedStyle(document.activeElement).outlineStyle]"
            )
        )

    assert seen[0][0] == "Skip to the news"
    assert {"Topics", "Quality"} <= {text for text, _ in seen}
    assert page.locator(".card-title a").first.inner_text() in {text for text, _ in seen}
    assert all(outline != "none" for text, outline in seen if text)


def test_reading_needs_no_javascript(open_page):
    with_scripts = open_page("/").inner_text("body")

    without = open_page("/", java_script_enabled=False)

    assert without.locator("body").inner_text() == with_scripts


def test_a_video_loads_nothing_until_it_is_opened(open_page, site):
    page = open_page(PUBLIC["article-video"])
    page.wait_for_timeout(500)

    assert page.locator("iframe").count() == 1
    assert page.watch.troubles == []
