"""Doubles are merged and the merge undone; topics are moved by keys, by dragging and without scripts."""

import pytest

from tests.browser.pages import each_look, violations

pytestmark = pytest.mark.browser
TREE = "/admin/desk/topics/"
NAMES = "#tree .tree-row a[id]"


def names(page):
    return page.locator(NAMES).all_text_contents()


def looks_well(page):
    for look, scheme in each_look(page, [390, 768, 1366]):
        assert violations(page) == [], (look, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look
    assert page.watch.troubles == []


@pytest.mark.parametrize("width", [1366, 390])
def test_two_outlets_are_merged_by_search_and_the_merge_is_undone(open_page, editor_state, width):
    page = open_page("/admin/desk/outlets/merge/", width=width, storage_state=editor_state)
    for words in ("tidewater", "barograph"):
        page.fill("#q", words)
        page.keyboard.press("Enter")
        page.locator(".found-names a").first.click()
    looks_well(page)
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("label", has_text="Tidewater").click()
    page.get_by_role("button", name="Merge them").click()

    assert "Merged the provider “" in page.locator(".said").text_content()
    former = page.context.request.get(page.url.partition("/admin")[0] + "/providers/barograph.example/feed.json")
    assert former.url.endswith("/providers/tidewaterpost.example/feed.json")
    page.get_by_role("link", name="See and undo it").click()
    page.get_by_role("button", name="Undo").click()
    page.goto(page.url.partition("/admin")[0] + "/providers/barograph.example/")
    assert page.url.endswith("/providers/barograph.example/")


def test_topics_are_moved_by_keys_and_the_focus_stays(open_page, editor_state):
    page = open_page(TREE, storage_state=editor_state)
    before = names(page)
    first = page.locator("#tree ol ol .tree-row a[id]").first
    moved = first.text_content()
    place = before.index(moved)
    first.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.wait_for_selector("#tree-said:has-text('Moved')")

    assert names(page).index(moved) == place + 1
    assert page.evaluate("document.activeElement.textContent") == moved
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_selector("#tree-said:has-text('up, before')")
    assert names(page) == before
    page.keyboard.press("Shift+ArrowUp")
    page.wait_for_selector("#tree-said:has-text('is the first already')")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.textContent") == before[place - 1]
    looks_well(page)


def test_a_topic_is_dragged_onto_another_and_put_back_without_scripts(open_page, editor_state):
    page = open_page(TREE, storage_state=editor_state)
    rows = page.locator("#tree ol ol .tree-row")
    moved, other = (rows.nth(n).locator("a[id]").text_content() for n in (1, 0))
    rows.nth(1).drag_to(rows.nth(0), source_position={"x": 5, "y": 5}, target_position={"x": 40, "y": 30})
    page.wait_for_selector(f"#tree-said:has-text('“{moved}” below “{other}”')")

    plain = open_page(TREE, width=390, storage_state=editor_state, java_script_enabled=False)
    plain.get_by_role("button", name=f"Move {moved} out").click()
    assert f"Moved the topic “{moved}” out of “{other}”" in plain.locator(".said").text_content()
    assert names(plain)[2] == moved
