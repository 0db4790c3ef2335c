"""Accounts in a real browser, without scripts: second factor, log-in by code, sessions, a lost password."""

import re

import pytest

from tests import post_office
from tests.accounts.editors import now_code
from tests.browser.pages import Watch, each_look, violations
from tests.browser.server import new_site, served

pytestmark = pytest.mark.browser

PASSWORD, NEW = "only for the time of these tests", "and a new one after that"
LOST = {"en": "Forgotten your password?", "de": "Passwort vergessen?"}


@pytest.fixture(scope="module")
def office():
    with post_office.opened() as office:
        yield office


@pytest.fixture(scope="module", params=["en", "de"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory, office, language):
    site = new_site(tmp_path_factory.mktemp("accounts"))
    site.environment |= {
        "NEWSROOM_EMAIL_URL": f"smtp://127.0.0.1:{office.port}",
        "NEWSROOM_LANGUAGE": language,
        "NEWSROOM_REQUIRE_SECOND_FACTOR": "1",
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
    }
    site.manage("createsuperuser", "--no-input", "--username", "chief", "--email", f"chief-{language}@example.org")
    with served(site):
        yield site


@pytest.fixture
def page(browser, newsroom):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.watch = Watch(page, newsroom)
        yield page


@pytest.fixture
def look(browser, newsroom):
    """A function that looks at a page again with scripts, which axe needs, in every width and scheme."""

    def look(page):
        with browser.new_context(storage_state=page.context.storage_state()) as context:
            again = context.new_page()
            again.watch = Watch(again, newsroom)
            again.goto(page.url)
            for width, _scheme in each_look(again):
                assert violations(again) == []
                assert again.evaluate("document.scrollingElement.scrollWidth") <= width
            assert again.watch.troubles == []
            assert [trouble for trouble in page.watch.troubles if trouble[0] != "failed"] == []  # it went on early

    return look


def type_and_go(page, *typed):
    """Type into the fields of a page in their order, with the keyboard only, and send the form."""
    page.locator("#content input:visible:not([type=submit])").first.focus()
    for number, text in enumerate(typed):
        if number:
            page.keyboard.press("Tab")
        page.keyboard.type(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_editor_sets_up_a_second_factor_and_resets_the_password(page, look, newsroom, office, language):
    page.goto(f"{newsroom.url}/admin/")
    look(page)
    type_and_go(page, "chief", PASSWORD)
    assert page.url.endswith("/admin/account/second-factor/")
    look(page)
    assert page.locator("#content img").bounding_box()["width"] > 100
    secret = page.locator("code").inner_text().replace(" ", "")
    type_and_go(page, PASSWORD, now_code(secret))
    recovery = page.locator("code").all_inner_texts()
    assert len(recovery) == 10

    page.goto(f"{newsroom.url}/admin/account/")
    look(page)
    page.goto(f"{newsroom.url}/admin/account/second-factor/remove/")
    look(page)
    page.context.clear_cookies()
    page.goto(f"{newsroom.url}/admin/")
    type_and_go(page, "chief", PASSWORD)
    look(page)
    type_and_go(page, recovery[0])
    assert page.url == f"{newsroom.url}/admin/"

    page.context.clear_cookies()
    page.goto(f"{newsroom.url}/admin/login/")
    page.get_by_role("link", name=LOST[language]).click()
    look(page)
    type_and_go(page, f"chief-{language}@example.org")
    look(page)
    assert office.arrived.acquire(timeout=10)
    page.goto(newsroom.url + re.search(r"/admin/reset/\S+", office.taken[-1][1].get_content())[0])
    look(page)
    type_and_go(page, NEW, NEW)
    look(page)
    page.goto(f"{newsroom.url}/admin/")
    type_and_go(page, "chief", NEW)
    type_and_go(page, recovery[1])
    assert page.url == f"{newsroom.url}/admin/"
