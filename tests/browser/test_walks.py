"""The reader's site with the keyboard alone, and enlarged (WCAG 2.2: 1.4.4, 1.4.10, 2.1.1, 2.4.3, 2.4.7, 2.4.11)."""

import pytest

from tests.browser.pages import FOUND, PUBLIC, address_of

pytestmark = pytest.mark.browser

FOCUS = """
async () => {
  await new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));  // what the focus scrolls
  const element = document.activeElement, box = element.getBoundingClientRect(), style = getComputedStyle(element);
  const x = box.x + Math.min(box.width / 2, 20), y = box.y + box.height / 2;
  const top = document.elementFromPoint(x, y);
  return {
    text: (element.value || element.textContent).trim(), tag: element.tagName,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: y >= 0 && y <= innerHeight && x >= 0 && x <= innerWidth,
    covered: !(top && (element.contains(top) || top.contains(element))),
  };
}
"""
# What overlaps or is cut: texts whose lines do not fit into what clips them, and links on top of each other.
BROKEN = """
() => {
  const shown = [...document.querySelectorAll("main *, header *, footer *")].filter(
    element => element.checkVisibility({visibilityProperty: true}) && !element.closest(".unseen, .skip, svg"));
  const scrolls = element => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const clipped = shown.filter(element => !scrolls(element) && element.tagName !== "IFRAME" &&
    getComputedStyle(element).overflow !== "visible" && getComputedStyle(element).overflow !== "clip" &&
    (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1) &&
    !["INPUT", "SELECT"].includes(element.tagName));
  const outside = shown.filter(element => !shown.some(other => other !== element && scrolls(other) &&
    other.contains(element)) && element.getBoundingClientRect().right > innerWidth + 1);
  const controls = shown.filter(element => element.matches("a, button, select, input, summary"));
  const boxes = controls.flatMap(element => [...element.getClientRects()].map(box => [element, box]));
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  const over = boxes.filter(([one, a], place) => boxes.slice(place + 1).some(([other, b]) =>
    one !== other && !one.contains(other) && !other.contains(one) && overlap(a, b)));
  const name = element => element.outerHTML.slice(0, 120);
  return {clipped: clipped.map(name), outside: outside.map(name), over: over.map(([element]) => name(element))};
}
"""
SOUND = {"clipped": [], "outside": [], "over": []}


def tab_to(page, wanted, limit=400):
    """Press Tab until the focus is on what reads `wanted`, looking at each step. What the focus was on."""
    seen = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUS))
        if seen[-1]["text"].startswith(wanted):
            return seen
    raise AssertionError(f"{wanted!r} is not reached: {[step['text'] for step in seen]}")


def enter(page):
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("address", ["/", PUBLIC["article-story"], PUBLIC["scorecard"]])
def test_focus_is_always_seen_and_never_covered(open_page, address, width):
    page = open_page(address, width)

    steps = tab_to(page, "Set")

    assert steps[0]["text"] == "Skip to the news"
    assert [step for step in steps if not step["outlined"] or not step["inside"] or step["covered"]] == []


def test_the_first_link_leads_past_the_menu(open_page):
    page = open_page("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS)["text"] == "Quality"


def test_menu_and_tabs_work_with_the_keyboard_alone(open_page):
    page = open_page("/")
    tab_to(page, "Ferries")
    enter(page)
    assert page.locator("h1").inner_text() == "Ferries"

    tab_to(page, "Latest")
    enter(page)
    assert "order=latest" in page.url
    assert page.locator(".ranking [aria-current]").first.inner_text() == "Latest"


def test_coverage_opens_and_closes_with_the_keyboard_alone(open_page):
    page = open_page("/")
    summary = page.locator("details summary").first.inner_text()
    tab_to(page, summary)

    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.coverage') !== null")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    assert page.locator("details[open]").count() == 0


def test_searching_and_paging_work_with_the_keyboard_alone(open_page):
    page = open_page("/")
    tab_to(page, "Archive")
    while page.evaluate("document.activeElement.id") != "q":
        page.keyboard.press("Tab")
    page.keyboard.type("the")
    enter(page)
    assert page.locator("h1").inner_text() == "Search: the"

    tab_to(page, "Next page")
    enter(page)
    assert "page=2" in page.url
    tab_to(page, "Previous page")
    enter(page)
    assert page.locator("h1").inner_text() == "Search: the"


def test_the_display_is_chosen_with_the_keyboard_alone(open_page):
    page = open_page("/topics/")
    while page.evaluate("document.activeElement.id") != "theme":
        page.keyboard.press("Tab")
    page.keyboard.type("Dark")
    page.keyboard.press("Tab")
    page.keyboard.type("Dense")
    page.keyboard.press("Tab")
    enter(page)

    html = page.locator("html")
    assert (html.get_attribute("data-theme"), html.get_attribute("data-list")) == ("dark", "dense")
    assert page.url.endswith("/topics/")


def enlarged(page, how):
    """Show the page at 200 % (a window of 1280 pixels), at 400 %, or with letters of twice the size."""
    if how == "text":
        page.add_style_tag(content="html { font-size: 200% }")
    else:
        page.set_viewport_size({"width": int(how), "height": 450})
    page.add_style_tag(content=".card { content-visibility: visible !important }")  # what is far below too
    page.evaluate("document.querySelectorAll('details:not(.video)').forEach(element => element.open = true)")


@pytest.mark.parametrize("how", ["640", "320", "text"])
@pytest.mark.parametrize("name", [*PUBLIC, *FOUND])
def test_enlarged_pages_lose_nothing(open_page, site, name, how):
    page = open_page(address_of(site, name), bypass_csp=True)  # which lets no test style it either

    enlarged(page, how)

    width = page.viewport_size["width"]
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.evaluate(BROKEN) == SOUND


@pytest.mark.parametrize("how", ["640", "320", "text"])
def test_enlarged_dense_lists_lose_nothing(open_page, site, how):
    cookie = {"name": "list", "value": "dense", "url": site.url}
    page = open_page("/", bypass_csp=True)
    page.context.add_cookies([cookie])
    page.reload()

    enlarged(page, how)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(BROKEN) == SOUND
