"""What a first visit costs: bytes, hosts, shifts of the layout; and that nothing but the HTML is needed."""

import pytest

from tests.browser.pages import PUBLIC, WIDTHS, address_of
from tests.browser.server import new_site, served
from tests.paths import AZURE, ROOT, needs_corpus

pytestmark = pytest.mark.browser

KB = 1000
TOTAL = 120 * KB  # of the front page, fonts and pictures included
TEXT = 30 * KB  # HTML and style sheet
STYLE = 18 * KB  # as it is written; 4.7 kB over the line
SHIFTS = """
async () => {
  const shifts = [];
  new PerformanceObserver(list => shifts.push(...list.getEntries().map(entry => entry.value)))
    .observe({type: "layout-shift", buffered: true});
  for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
    scrollTo(0, y);
    await new Promise(resolve => setTimeout(resolve, 30));
  }
  return shifts;
}
"""


@pytest.fixture(scope="module")
def real_site(tmp_path_factory):
    """A site with nothing but the largest of the real ones."""
    site = new_site(tmp_path_factory.mktemp("azure"))
    site.manage("import_articles", str(AZURE))
    with served(site):
        yield site


@pytest.fixture
def visit(browser):
    """A function: opens an address with nothing cached, without what is blocked."""
    contexts = []

    def visit_(address, width=360, blocked=()):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", lambda route: route.abort() if route.request.resource_type in blocked else route.fallback())
        page.finished = []
        page.on("requestfinished", lambda request: page.finished.append(request))
        page.goto(address, wait_until="networkidle")
        return page

    yield visit_
    for context in contexts:
        context.close()


def weights(page):
    """Bytes that went over the line, by kind."""
    sums = {}
    for request in page.finished:
        sizes = request.sizes()
        kind = request.resource_type
        sums[kind] = sums.get(kind, 0) + sizes["responseBodySize"] + sizes["responseHeadersSize"]
    return sums


def check_weight(page, site):
    bytes_of = weights(page)
    print(bytes_of)
    assert sum(bytes_of.values()) < TOTAL
    assert bytes_of["document"] + bytes_of["stylesheet"] < TEXT
    assert [request.url for request in page.finished if not request.url.startswith((site.url, "data:"))] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_front_page_of_the_samples_is_light_and_asks_nobody_else(visit, samples, width):
    check_weight(visit(samples.url, width), samples)


@needs_corpus
@pytest.mark.parametrize("width", WIDTHS)
def test_the_front_page_of_a_real_site_is_light_and_asks_nobody_else(visit, real_site, width):
    check_weight(visit(real_site.url, width), real_site)


def test_the_style_sheet_stays_small():
    assert (ROOT / "static" / "site.css").stat().st_size < STYLE


@pytest.mark.parametrize("blocked", [(), ("font",), ("image",)], ids=["all", "no-fonts", "no-pictures"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_on_the_front_page_moves_while_it_loads_and_is_read(visit, samples, width, blocked):
    page = visit(samples.url, width, blocked)

    assert sum(page.evaluate(SHIFTS)) == 0


@pytest.mark.parametrize("name", ["story", "article-links-out", "topic", "search-found", "scorecard"])
def test_nothing_on_other_pages_moves(visit, samples, name):
    page = visit(samples.url + address_of(samples, name))

    assert sum(page.evaluate(SHIFTS)) == 0


@pytest.mark.parametrize(
    "blocked",
    [("script", "font", "image"), ("script", "font", "image", "stylesheet")],
    ids=["no-scripts-fonts-pictures", "html-only"],
)
def test_the_front_page_needs_nothing_but_its_html(visit, samples, blocked):
    page = visit(samples.url, blocked=blocked)

    title = page.locator(".card-title a").first
    assert title.is_visible()
    page.locator("details summary").first.click()
    assert page.locator("details[open] .coverage a").first.is_visible()
    page.get_by_role("searchbox").fill("ferry")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**/search/?q=ferry")
    assert page.locator(".card-title a").count() > 0


def test_reading_needs_no_javascript(open_page):
    with_scripts = open_page("/").inner_text("body")

    without = open_page("/", java_script_enabled=False)

    assert without.locator("body").inner_text() == with_scripts


def test_a_video_loads_nothing_until_it_is_opened(open_page):
    page = open_page(PUBLIC["article-video"])
    page.wait_for_timeout(500)

    assert page.locator("iframe").count() == 1
    assert page.watch.troubles == []
