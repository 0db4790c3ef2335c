"""The desk's pages of stories and suggestions: whole tasks by keyboard, on a phone, and without scripts."""

import re

import pytest

from tests.browser.pages import each_look, violations

pytestmark = pytest.mark.browser
STORIES, SUGGESTIONS = "/admin/desk/stories/", "/admin/desk/suggestions/"
MAKE = """
from datetime import UTC, datetime
from articles.models import *
from articles.stories import leads
source = Source.objects.first()
provider = Provider.objects.first()
def make(title, **values):
    given = dict(source=source, provider=provider, published_at=datetime(2026, 11, 1, 12, tzinfo=UTC))
    return Article.objects.create(title=title, **given | dict(quality=1, heat=-1) | values)
def story(name, number):
    made = Story.objects.create(source=source)
    for n in range(number):
        make(f"{name} {n}", story=made, published=n == 0)
    leads.recompute([made.pk])
    return made.pk
"""


@pytest.fixture
def made(site):
    """Return a function that runs code in the site, and returns the number that it prints."""
    return lambda code: int(site.manage("shell", "-v0", "-c", MAKE + code).split()[-1])


def documents(page):
    """Return the addresses of pages that are loaded from now on."""
    loads = []
    page.on("request", lambda request: request.resource_type == "document" and loads.append(request.url))
    return loads


def press_button(page, name, scope="main"):
    """Press a button by keyboard alone."""
    page.locator(scope).get_by_role("button", name=name, exact=True).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_load_state()


def said(page):
    return page.locator(".said").inner_text()


def merge(page, name):
    """Find the other story by words, and merge it into this one."""
    page.get_by_role("searchbox").focus()
    page.keyboard.type(f"{name} two 0")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Merge with its story")).first.wait_for()
    page.get_by_role("button", name=re.compile("Merge with its story")).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/combine/**")
    assert "with 5 articles" in page.locator("#what").inner_text()
    press_button(page, "Merge")
    assert f"Merged “{name} two 0” into “{name} one 0”" in said(page)


def undo_all(page, steps):
    """Undo steps of a story's log, by their first words."""
    for step in steps:
        undo = page.locator(".done", has_text=re.compile(rf"^\s*{step}")).get_by_role("button").first
        undo.focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        assert f"Undid: {step}" in said(page)


@pytest.mark.parametrize(("width", "scripts"), [(1366, True), (390, True), (1366, False)])
def test_a_story_is_merged_split_led_and_each_step_undone_with_its_log(open_page, editor_state, made, width, scripts):
    name = f"Quayside {width} {scripts}"
    one, two = made(f"print(story('{name} one', 3))"), made(f"print(story('{name} two', 2))")
    options = {"width": width, "storage_state": editor_state, "java_script_enabled": scripts}
    page = open_page(f"{STORIES}{one}/", **options)

    merge(page, name)
    if scripts:
        for look, scheme in each_look(page, [width]):
            assert violations(page) == [], (look, scheme)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= look
        others = [trouble for trouble in page.watch.troubles if "/find/" not in trouble[1]]
        assert others == []  # but a search that the next page broke off

    page.get_by_role("checkbox", name=f"Select {name} two 1").focus()
    page.keyboard.press("Space")
    press_button(page, "Make it the lead", ".actions")
    assert f"Made “{name} two 1” the lead" in said(page)
    assert "two 1" in page.locator(".leads").inner_text()
    page.get_by_role("checkbox", name=f"Select {name} two 1").focus()
    page.keyboard.press("Space")
    press_button(page, "Split", ".actions")
    assert page.locator("h1").inner_text() == f"{name} two 1"
    log = page.get_by_role("region", name="What was done")
    assert "Split" in log.inner_text()
    new = page.url

    page.goto(page.url.replace(page.url.split("/")[-2], str(one)))
    undo_all(page, ["Split", "Made", "Merged"])  # in the old story's log too
    page.goto(new.replace(new.split("/")[-2], str(two)))
    assert page.locator("[name=article]").count() == 2
    assert "Undid: Merged" in page.get_by_role("region", name="What was done").inner_text()


@pytest.mark.parametrize("width", [1366, 390])
def test_with_180_members_the_bar_stays_in_sight_and_hides_no_focus(open_page, editor_state, made, width):
    page = open_page(f"{STORIES}{made(f'''print(story('Long {width}', 180))''')}/", width, storage_state=editor_state)
    loads = documents(page)
    hidden = """() => {
        const one = document.activeElement, bar = document.querySelector(".actions");
        return !bar.contains(one) && one.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
    }"""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert not page.evaluate(hidden), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        bar = page.locator(".actions").bounding_box()
        assert bar["y"] + bar["height"] <= 901
        assert bar["height"] <= 144
    page.get_by_role("checkbox").nth(3).check()
    page.get_by_role("link", name="By outlet").click()
    page.wait_for_selector("[aria-current]:has-text('By outlet')")
    assert page.locator("[name=article]:checked").count() == 1
    assert page.locator("#selected").inner_text() == "1 selected"
    assert loads == []
    for look, scheme in each_look(page, [width]):
        assert violations(page) == [], (look, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look


SUGGEST = """
Suggestion.objects.all().delete()
for n in range(22):
    pair = [make(f"Ferry {n} {side}", excerpt="A ferry. " * 20) for side in "ab"]
    values = dict(article=pair[0], other=pair[1], confidence=1 - n / 30, evidence="shares: ferry")
    Suggestion.objects.create(kind=["story", "duplicate"][n % 2], **values)
print(1)
"""


@pytest.mark.parametrize("width", [1366, 390])
def test_twenty_suggestions_are_decided_by_a_key_each_and_no_page_load(open_page, editor_state, made, width):
    made(SUGGEST)
    page = open_page(SUGGESTIONS, width, storage_state=editor_state)
    loads = documents(page)
    keys = ["y", "Enter", "d", "2", "w", "1"]
    for n in range(20):
        title = page.locator("#side-1").inner_text()
        page.keyboard.press(keys[n % len(keys)])
        page.wait_for_function("title => document.querySelector('#side-1')?.textContent !== title", arg=title)
        page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    last = page.locator("#side-1").inner_text()
    assert last == "Ferry 20 a"
    for look, scheme in each_look(page, [width]):
        assert violations(page) == [], (look, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= look
    bar = page.locator(".actions").bounding_box()
    assert bar["y"] + bar["height"] <= 901

    page.keyboard.press("z")
    page.wait_for_function("() => document.getElementById('said').textContent.includes('Undid')")
    assert page.locator("#side-1").inner_text() == "Ferry 19 a"
    assert loads == []
    assert page.watch.troubles == []


def test_without_scripts_suggestions_are_decided_by_forms_that_lead_to_the_next(open_page, editor_state, made):
    made(SUGGEST)
    page = open_page(SUGGESTIONS, storage_state=editor_state, java_script_enabled=False)

    for n, name in enumerate(["Join", "Keep 1", "Different", "Later"]):
        assert page.locator("#side-1").inner_text() == f"Ferry {n} a"
        page.get_by_role("button", name=re.compile(name)).first.click()
    page.get_by_role("button", name=re.compile("Undo")).click()

    assert "Undid: Put off" in said(page)
    assert page.locator("#side-1").inner_text() == "Ferry 3 a"
