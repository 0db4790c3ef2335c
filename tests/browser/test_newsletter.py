"""The newsletter in a real browser: the mail as its readers see it, their pages, and the editors' desk."""

import re
from pathlib import Path

import pytest

from tests import post_office
from tests.browser.pages import SCHEMES, Watch, violations
from tests.browser.server import add_samples, new_site, served

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parent / "screenshots"
PASSWORD = "only for the time of these tests"  # noqa: S105
ISSUES = "/admin/articles/issue/"


@pytest.fixture(scope="module")
def office():
    with post_office.opened() as office:
        yield office


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory, office):
    """A site with the samples, an issue built of them, and a mail server."""
    site = new_site(tmp_path_factory.mktemp("newsletter"))
    site.environment |= {
        "NEWSROOM_EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    add_samples(site)
    site.manage("createsuperuser", "--no-input", "--username", "chief", "--email", "chief@example.org")
    site.manage("build_newsletter", "--period", "week", "--date", "2026-11-21")
    with served(site):
        yield site


@pytest.fixture(scope="module")
def chief(browser, newsroom):
    """The cookies of an editor who may do everything."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{newsroom.url}/admin/")
        page.fill("#id_username", "chief")
        page.fill("#id_password", PASSWORD)
        page.click("[type=submit]")
        page.wait_for_selector("#content-main")
        return context.storage_state()


@pytest.fixture(scope="module")
def mail(browser, newsroom, chief):
    """The HTML part of the issue."""
    with browser.new_context(storage_state=chief) as context:
        issue = re.search(r"/admin/articles/issue/\d+/", context.request.get(newsroom.url + ISSUES).text())[0]
        return context.request.get(f"{newsroom.url}{issue}html/").text()


@pytest.fixture
def visit(browser, newsroom):
    """A function that opens a page in a fresh context, and watches it."""
    contexts = []

    def opened(address, width, scheme, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options))
        page = contexts[-1].new_page()
        page.watch = Watch(page, newsroom)
        page.goto(newsroom.url + address)
        return page

    yield opened
    for context in contexts:
        context.close()


def picture(page, name, width, scheme):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [320, 700])
def test_a_mail_fits_is_accessible_and_asks_nobody_for_anything(browser, newsroom, mail, width, scheme):
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        page.watch = Watch(page, newsroom)
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(mail)
        picture(page, "mail", width, scheme)

        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.locator("table").first.bounding_box()["width"] == min(width, 600)
        assert page.locator("h3").count() >= 5
        assert violations(page) == []
        assert asked == []


ENDLESS = {
    "title": r"(<h3.*?<a [^>]*>)[^<]*",
    "site name": r"(<h1.*?<a [^>]*>)[^<]*",
    "window": r"(</h1>\s*<p [^>]*>)[^<]*",
    "topic": r"(<h2 [^>]*>)[^<]*",
    "outlet": r"(</h3>\s*<p [^>]*>)[^<]*",
    "last line": r'(<p class="soft line"[^>]*>)[^<]*',
}


@pytest.mark.parametrize("width", [320, 700])
@pytest.mark.parametrize("what", ENDLESS)
def test_a_mail_with_endless_words_fits_too(browser, mail, width, what):
    endless, times = re.subn(ENDLESS[what], r"\1" + "x" * 300, mail)
    assert times
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.set_content(endless)

        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_a_mail_without_its_style_sheet_is_whole(browser, mail):
    """As in mail programs that drop it: only the dark colours are missing."""
    bare = re.sub(r"<style>.*?</style>", "", mail, flags=re.S)
    with browser.new_context(viewport={"width": 700, "height": 900}) as context:
        pages = [context.new_page() for _ in range(2)]
        for page, html in zip(pages, (mail, bare), strict=True):
            page.set_content(html)

        assert pages[0].screenshot() == pages[1].screenshot()


def test_a_mail_is_valid_html(mail, nu_messages):
    assert nu_messages(mail) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_signs_up_confirms_and_unsubscribes(visit, newsroom, office, nu_messages, width, scheme):
    def check(name):
        picture(page, f"newsletter-{name}", width, scheme)
        assert page.watch.troubles == []
        assert violations(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert nu_messages(page.content()) == []

    email = f"reader-{width}-{scheme}@example.org"
    page = visit("/topics/", width, scheme)
    page.get_by_role("link", name="Newsletter").click()
    check("sign-up")
    page.get_by_label("Your mail address").fill(email)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("text=Check your mailbox")
    check("signed-up")

    assert office.arrived.acquire(timeout=10)
    receiver, message = office.taken[-1]
    link = re.search(r"/newsletter/confirm/\S+", message.get_content())[0]
    page.goto(newsroom.url + link)
    check("confirm")
    page.get_by_role("button", name="Yes, send it to me").click()
    page.wait_for_selector("text=You are subscribed")
    check("confirmed")

    assert receiver == email
    page.goto(f"{newsroom.url}/newsletter/unsubscribe/-/")
    page.wait_for_selector("text=This link no longer works")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["issue", "subscriber", "delivery"])
def test_the_desks_lists_are_accessible_and_silent(visit, chief, name, width, scheme):
    page = visit(f"/admin/articles/{name}/", width, scheme, storage_state=chief)

    picture(page, f"desk-{name}s", width, scheme)
    assert page.watch.troubles == []
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_an_editor_looks_at_an_issue_and_is_asked_before_it_is_sent(visit, chief, width, scheme):
    page = visit(ISSUES, width, scheme, storage_state=chief)

    with page.expect_navigation():
        page.locator("#result_list tbody th a").first.click()
    page.frame_locator("iframe.mail").locator("h1").wait_for()
    picture(page, "desk-issue", width, scheme)
    assert page.watch.troubles == []
    assert violations(page) == []
    with page.expect_navigation():
        page.get_by_role("link", name="Send…").click()
    picture(page, "desk-issue-send", width, scheme)

    assert page.watch.troubles == []
    assert violations(page) == []
