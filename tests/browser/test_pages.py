"""Every page in a real browser: accessible, valid, silent, and talking to its own site only."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.browser.pages import FOUND, PUBLIC, address_of, each_look, text_of, violations

pytestmark = pytest.mark.browser

NODE = Path(__file__).parent / "node_modules" / ".bin"
DESK_WIDTHS = [360, 1280]
DESK = {
    "login": "/admin/logout/",
    "index": "/admin/",
    "home": "/admin/desk/",
    "triage": "/admin/desk/triage/?mark=all",
    "desk-stories": "/admin/desk/stories/",
    "combine": "/admin/desk/combine/?q=ferry",
    "desk-suggestions": "/admin/desk/suggestions/",
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


@pytest.mark.parametrize("name", [*PUBLIC, *FOUND])
def test_public_pages_are_accessible_silent_and_fit(open_page, site, name):
    page = open_page(address_of(site, name))

    for width, scheme in each_look(page):
        assert violations(page) == [], (width, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    expected = [("error", "Failed to load resource: the server responded with a status of 404 (Not Found)")]
    assert page.watch.troubles == (expected if name == "missing" else [])


LENGTHEN = """
const texts = "h1, .card-title a, .card-excerpt, .card-meta a, .coverage b, .coverage a, .standfirst, .card-foot a";
for (const element of document.querySelectorAll(texts)) element.append(" " + "Fernmeldeturm".repeat(12));
"""
OUTSIDE = """
[...document.querySelectorAll("main *")].filter(element => element.getBoundingClientRect().left < 0
  && !element.closest(".unseen")).length
"""


@pytest.mark.parametrize("density", ["comfortable", "dense"])
@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("name", ["front", "provider", "search-found", "story", "topics"])
def test_words_that_are_wider_than_the_window_break(open_page, site, name, width, density):
    page = open_page(address_of(site, name))
    page.context.add_cookies([{"name": "list", "value": density, "url": site.url}])
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()

    page.evaluate(LENGTHEN)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(OUTSIDE) == 0


# What the Nu checker warns of, and why that is right: nothing at present.
ACCEPTED = {}


@pytest.mark.parametrize("name", [*PUBLIC, *FOUND])
def test_public_pages_are_valid_html_without_warnings_that_nobody_explained(site, nu_messages, name):
    found = nu_messages(text_of(site.url + address_of(site, name)))

    assert [message for message in found if message[1] not in ACCEPTED] == []


def test_a_second_checker_has_nothing_against_public_pages(site, tmp_path):
    for name in [*PUBLIC, *FOUND]:
        (tmp_path / f"{name}.html").write_text(text_of(site.url + address_of(site, name)))
    config = Path(__file__).parent / "html-validate.json"
    command = [NODE / "html-validate", "--config", config, "--formatter", "json", *tmp_path.glob("*.html")]
    done = subprocess.run(command, capture_output=True, text=True)

    assert [(file["filePath"], file["messages"]) for file in json.loads(done.stdout)] == []


@pytest.mark.parametrize("name", DESK)
def test_the_desk_is_accessible_and_silent(open_page, editor_state, name):
    state = {} if name == "login" else {"storage_state": editor_state}
    page = open_page("/admin/" if name == "login" else DESK[name], **state)

    for look in each_look(page, DESK_WIDTHS):
        assert violations(page) == [], look
    assert page.watch.troubles == []


@pytest.mark.parametrize("model", CHANGE)
def test_the_desks_forms_are_accessible_and_silent(open_page, editor_state, model):
    page = open_page(f"/admin/articles/{model}/", storage_state=editor_state)

    page.locator("#result_list tbody th a").first.click()
    page.wait_for_selector("[name=_save]")

    for look in each_look(page, DESK_WIDTHS):
        assert violations(page) == [], look
    assert page.watch.troubles == []


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


@pytest.mark.parametrize("name", RECORDS)
def test_what_imports_leave_is_accessible_and_silent(open_page, editor_state, name):
    address, *links = RECORDS[name]
    page = open_page(address, storage_state=editor_state)

    for link in links:
        with page.expect_navigation():
            page.locator(link).first.click()

    for look in each_look(page, DESK_WIDTHS):
        assert violations(page) == [], look
    assert page.watch.troubles == []


def test_an_editor_resolves_a_conflict_with_the_keyboard_alone(open_page, editor_state):
    page = open_page("/admin/articles/conflict/?field=title", storage_state=editor_state)
    page.locator("#result_list tbody th a").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Use the file's value").focus()
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
    assert ": title. Undo" in page.locator(".messagelist").inner_text()
    assert page.locator("#id_title").input_value().endswith(" (by keyboard)")


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
    assert page.locator(".said").inner_text().startswith("Made “")

    page.locator("button", has_text="Undo").first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator(".said").inner_text().startswith("Undid: Made “")
