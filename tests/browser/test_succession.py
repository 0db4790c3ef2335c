"""The page and the form that ask before a story is hidden."""

import pytest

from tests.browser.pages import each_look, violations

pytestmark = pytest.mark.browser

LEADS = "/admin/articles/article/?in_story=lead&published__exact=1"
SAID = "text=None of the others is published, so readers will no longer see the story."


def check(page):
    page.wait_for_selector(SAID)
    for width, scheme in each_look(page, [390, 1280]):
        assert violations(page) == [], (width, scheme)
    assert page.watch.troubles == []


@pytest.fixture
def lead(open_page, editor_state):
    """Return the form of the lead of a story in which nothing else is published."""
    page = open_page(LEADS, storage_state=editor_state)
    page.locator("#result_list tbody th a").first.click()
    page.wait_for_selector("[name=_save]")
    return page


def test_the_form_asks_accessibly_what_becomes_of_the_story(lead):
    lead.uncheck("#id_published")
    lead.click("[name=_save]")

    check(lead)
    lead.locator("[name=stories][value=next]").focus()
    lead.keyboard.press("Space")
    assert lead.is_checked("[name=stories][value=next]")


def test_the_page_before_a_deletion_asks_accessibly(lead):
    lead.click(".deletelink")
    lead.click("#content [type=submit]")

    check(lead)
    lead.click("text=Change nothing")
    lead.wait_for_selector("#result_list")
