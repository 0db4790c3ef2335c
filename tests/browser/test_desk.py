"""The triage list: 20 articles decided with few keys and no page load, on a wide and on a narrow screen."""

import pytest

from tests.browser.pages import each_look, violations

pytestmark = pytest.mark.browser
TRIAGE = "/admin/desk/triage/"
CURRENT = ".item[aria-current]"


def decide(page, *keys):
    """Press keys on the current card, and wait for its step."""
    card = page.locator(CURRENT).get_attribute("id")
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_selector(f"#{card}[data-action]")
    return card


@pytest.mark.parametrize("width", [1366, 390])
def test_twenty_articles_are_decided_with_at_most_forty_keys_and_no_page_load(open_page, editor_state, width):
    page = open_page(TRIAGE, width=width, storage_state=editor_state)
    page.wait_for_selector(CURRENT)
    loads = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    ways = [["s"], ["p"], ["w"], ["q", "Enter"], ["u"]]
    pressed = [key for n in range(20) for key in ways[n % 5]]
    for n in range(20):
        card = decide(page, *ways[n % 5])
        if ways[n % 5] == ["u"]:  # readers' pages stay as the other tests know them
            page.keyboard.press("z")
            pressed.append("z")
            page.wait_for_function("said => document.getElementById('said').textContent.includes(said)", arg="Undid")
            page.keyboard.press("j")
            pressed.append("j")

    assert len(pressed) <= 40
    assert loads == []
    for look, scheme in each_look(page, [width]):
        assert violations(page) == [], (look, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look
    assert page.watch.troubles == []
    page.goto(page.url)
    assert page.locator(f"#{card}").count() == 1  # undone, so new
    assert page.locator(".item").first.get_attribute("id") != card


def test_the_bar_of_a_phone_decides_about_the_card_that_was_touched(open_page, editor_state):
    page = open_page(TRIAGE, width=390, storage_state=editor_state, has_touch=True)
    second = page.locator(".item").nth(1)
    card = second.get_attribute("id")
    second.locator(".facts").tap()
    page.locator("#bar [data-key=w]").tap()

    page.wait_for_selector(f"#{card}[data-action]")
    assert "for later" in page.locator("#said").text_content()
    assert page.locator(CURRENT).get_attribute("id") == page.locator(".item").nth(2).get_attribute("id")


def test_without_scripts_the_same_buttons_lead_back_to_the_same_place(open_page, editor_state):
    page = open_page(TRIAGE, storage_state=editor_state, java_script_enabled=False)
    card = page.locator(".item").nth(3).get_attribute("id")
    page.locator(f"#{card} [value=seen]").click()

    assert page.url.endswith(f"?mark=new#{card}")
    assert "as seen" in page.locator(".said").text_content()
    assert page.locator(f"#{card}").count() == 0  # it is not new any more
