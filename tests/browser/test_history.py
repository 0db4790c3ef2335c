"""See what changed, restore one field, and undo that: by mouse, on a phone, and without scripts."""

import pytest

from tests.browser.pages import each_look, violations

pytestmark = pytest.mark.browser
ARTICLES = "/admin/articles/article/"


def check(page, width):
    for look, scheme in each_look(page, [width]):
        assert violations(page) == [], (look, scheme, page.url)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look, page.url


@pytest.mark.parametrize(("width", "scripts"), [(1366, True), (390, True), (1366, False)])
def test_a_field_is_restored_from_the_history_and_that_is_undone(open_page, editor_state, width, scripts):
    page = open_page(ARTICLES, width=width, storage_state=editor_state, java_script_enabled=scripts)
    page.locator("#result_list tbody th a").first.click()
    form = page.url
    before = page.locator("#id_title").input_value()
    page.locator("#id_title").fill("Ferries find another island")
    page.locator("#id_title").press("Enter")
    page.goto(form.replace("/change/", "/history/"))

    assert page.locator("ins").first.text_content().strip().startswith("Ferries")
    if scripts:
        check(page, width)
    page.locator("a.back").first.click()
    if scripts:
        check(page, width)
    page.locator("main form button").click()
    assert "Restored title of" in page.locator(".said").text_content()
    page.goto(form)
    assert page.locator("#id_title").input_value() == before
    page.goto(form.split("/admin/")[0] + "/admin/desk/log/")
    if scripts:
        check(page, width)
    page.locator("ol.lines a").first.click()
    if scripts:
        check(page, width)
    page.get_by_role("button", name="Undo").click()
    page.goto(form)
    assert page.locator("#id_title").input_value() == "Ferries find another island"
    page.locator("#id_title").fill(before)  # readers' pages stay as the other tests know them
    page.locator("#id_title").press("Enter")
    assert page.watch.troubles == []
