"""What a first visit costs: bytes, hosts, shifts of the layout; and that nothing but the HTML is needed."""

import json
import os

import pytest

from tests.browser.pages import WIDTHS
from tests.browser.server import sample_site, served
from tests.paths import AZURE, needs_corpus

pytestmark = pytest.mark.browser

KB = 1000
TOTAL = 120 * KB  # of the front page, fonts and pictures included
TEXT = 30 * KB  # HTML and style sheet
STYLE = 16.5 * KB  # before compression
SHIFTS = """
() => new Promise(resolve => new PerformanceObserver(list => resolve(list.getEntries().map(entry => entry.value)))
  .observe({type: "layout-shift", buffered: true}) || setTimeout(() => resolve([]), 500))
"""


@pytest.fixture(scope="module")
def real_site(tmp_path_factory):
    """A site of its own for the largest of the real ones."""
    folder = tmp_path_factory.mktemp("azure")
    server = os.environ.get("DATABASE_URL", "")
    assert not server.startswith("postgres"), "This suite is for SQLite: the server's database is taken."
    site = sample_site(folder)
    site.manage("import_articles", str(AZURE))
    with served(site):
        yield site


def visit(browser, address, width=360, blocked=()):
    """Open a page with nothing cached. Its requests, as kind, address and bytes that went over the line."""
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    if blocked:
        page.route("**/*", lambda route: route.abort() if route.request.resource_type in blocked else route.continue_())
    requests = []
    page.on("requestfinished", requests.append)
    page.goto(address, wait_until="networkidle")
    return page, [(request.resource_type, request.url, sum_of(request.sizes())) for request in requests]


def sum_of(sizes):
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


def check_weight(requests, url):
    kinds = {kind: sum(size for each, _, size in requests if each == kind) for kind, *_ in requests}
    print(json.dumps(kinds))
    assert sum(kinds.values()) < TOTAL
    assert kinds["document"] + kinds["stylesheet"] < TEXT
    assert [address for _, address, _ in requests if not address.startswith((url, "data:"))] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_front_page_of_the_samples_is_light_and_asks_nobody_else(browser, site, width):
    _, requests = visit(browser, site.url, width)

    check_weight(requests, site.url)
