"""The newsletter in a real browser: the mail as its readers see it, their pages, and the editors' desk."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import post_office
from tests.browser.conftest import free_port, wait_for
from tests.browser.test_pages import violations
from tests.paths import ROOT

pytestmark = pytest.mark.browser

SCREENSHOTS = Path(__file__).parent / "screenshots"
SCHEMES = ["light", "dark"]
PASSWORD = "only for the time of these tests"  # noqa: S105
ISSUES = "/admin/articles/issue/"


@pytest.fixture(scope="module")
def office():
    with post_office.opened() as office:
        yield office


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory, office):
    """The address of a site with the samples, an issue built of them, and a mail server."""
    folder, port = tmp_path_factory.mktemp("newsletter"), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "NEWSROOM_BASE_URL": f"http://127.0.0.1:{port}",
        "NEWSROOM_EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "NEWSROOM_MEDIA_ROOT": f"{folder}/media",
        "NEWSROOM_SECRET_KEY": "only for the time of these tests",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    for command in (
        ["demo", "--no-server"],
        ["createsuperuser", "--no-input", "--username", "chief", "--email", "chief@example.org"],
        ["build_newsletter", "--period", "week", "--date", "2026-11-21"],
    ):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
    server = [sys.executable, "-m", "gunicorn", "newsroom.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "3"]
    with subprocess.Popen(server, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def chief(browser, newsroom):
    """The cookies of an editor who may do everything."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{newsroom}/admin/")
        page.fill("#id_username", "chief")
        page.fill("#id_password", PASSWORD)
        page.click("[type=submit]")
        page.wait_for_selector("#content-main")
        return context.storage_state()


@pytest.fixture(scope="module")
def mail(browser, newsroom, chief):
    """The HTML part of the issue."""
    with browser.new_context(storage_state=chief) as context:
        issue = re.search(r"/admin/articles/issue/\d+/", context.request.get(newsroom + ISSUES).text())[0]
        return context.request.get(f"{newsroom}{issue}html/").text()


@pytest.fixture
def visit(browser, newsroom):
    """A function that opens a page in a fresh context; what is amiss on it is collected in its `troubles`."""
    contexts = []

    def opened(address, width, scheme, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options))
        page = contexts[-1].new_page()
        page.troubles = []
        page.on("console", lambda message: page.troubles.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: page.troubles.append(request.url))
        page.on("request", lambda request: elsewhere(page, request.url))
        page.goto(newsroom + address)
        return page

    def elsewhere(page, url):
        if not url.startswith((newsroom, "data:")):
            page.troubles.append(url)

    yield opened
    for context in contexts:
        context.close()


def picture(page, name, width, scheme):
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [320, 700])
def test_a_mail_fits_is_accessible_and_asks_nobody_for_anything(browser, mail, width, scheme):
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page, asked = context.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.set_content(mail)
        picture(page, "mail", width, scheme)

        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert page.locator("table").first.bounding_box()["width"] == min(width, 600)
        assert page.locator("h3").count() >= 5
        assert violations(page) == []
        assert asked == []


@pytest.mark.parametrize("width", [320, 700])
def test_a_mail_with_endless_words_fits_too(browser, mail, width):
    endless = re.sub(r"(<h3.*?<a [^>]*>)[^<]*", r"\1" + "x" * 300, mail)
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


def test_a_mail_is_valid_html(mail, nu_errors):
    assert nu_errors(mail) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_reader_signs_up_confirms_and_unsubscribes(visit, newsroom, office, nu_errors, width, scheme):
    def check(name):
        picture(page, f"newsletter-{name}", width, scheme)
        assert page.troubles == []
        assert violations(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        assert nu_errors(page.content()) == []

    email = f"reader-{width}-{scheme}@example.org"
    page = visit("/topics/", width, scheme)
    page.get_by_role("link", name="Newsletter").click()
    check("sign-up")
    page.get_by_label("Your mail address").fill(email)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_selector("text=Look into your mailbox")
    check("signed-up")

    assert office.arrived.acquire(timeout=10)
    receiver, message = office.taken[-1]
    link = re.search(r"/newsletter/confirm/\S+", message.get_content())[0]
    page.goto(newsroom + link)
    check("confirm")
    page.get_by_role("button", name="Yes, send it to me").click()
    page.wait_for_selector("text=You get the newsletter")
    check("confirmed")

    assert receiver == email
    page.goto(f"{newsroom}/newsletter/unsubscribe/-/")
    page.wait_for_selector("text=This link is not good any more")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["issue", "subscriber", "delivery"])
def test_the_desks_lists_are_accessible_and_silent(visit, chief, name, width, scheme):
    page = visit(f"/admin/articles/{name}/", width, scheme, storage_state=chief)

    picture(page, f"desk-{name}s", width, scheme)
    assert page.troubles == []
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_an_editor_looks_at_an_issue_and_is_asked_before_it_is_sent(visit, chief, width, scheme):
    page = visit(ISSUES, width, scheme, storage_state=chief)

    with page.expect_navigation():
        page.locator("#result_list tbody th a").first.click()
    page.frame_locator("iframe.mail").locator("h1").wait_for()
    picture(page, "desk-issue", width, scheme)
    assert page.troubles == []
    assert violations(page) == []
    page.troubles.clear()  # axe has styles of its own
    with page.expect_navigation():
        page.get_by_role("link", name="Send…").click()
    picture(page, "desk-issue-send", width, scheme)

    assert page.troubles == []
    assert violations(page) == []
