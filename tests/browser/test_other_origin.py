"""A page of another site reads the data of this one, in a real browser, as the source's own clients do."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.server import new_site, served
from tests.paths import CORPUS, needs_corpus
from tests.syndication.test_family_lists import in_utc, published_lists

pytestmark = [pytest.mark.browser, needs_corpus]

FETCH = """async ([address, options]) => {
    const response = await fetch(address, options);
    return {
        status: response.status,
        moved: response.redirected,
        link: response.headers.get("Link"),
        etag: response.headers.get("ETag"),
        text: await response.text(),
    };
}"""
FETCH_JSON = "addresses => Promise.all(addresses.map(async address => (await fetch(address)).json()))"


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>Elsewhere</title>")

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="module")
def gcp(tmp_path_factory):
    """A real site, served as in production."""
    site = new_site(tmp_path_factory.mktemp("gcp"))
    site.manage("import_articles", str(CORPUS / "gcp-2020-05-11.tar.xz"))
    with served(site):
        yield site


@pytest.fixture(scope="module")
def elsewhere(browser):
    """A page of another origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def folders():
    """Return the folders of lists, as the site named them, with their lists."""
    return published_lists("gcp").items()


def test_a_script_of_another_site_reads_the_lists_that_the_site_published(elsewhere, gcp):
    ours = elsewhere.evaluate(FETCH_JSON, [f"{gcp.url}/gcp/{folder}" for folder, _ in folders()])

    assert len(ours) == 36
    assert [in_utc(page) for page in ours] == [in_utc(theirs) for _, theirs in folders()]


def test_a_script_of_another_site_is_led_to_folders(elsewhere, gcp):
    ours = elsewhere.evaluate(FETCH_JSON, [f"{gcp.url}/gcp/{folder.rstrip('/')}" for folder, _ in folders()])

    assert [in_utc(page) for page in ours] == [in_utc(theirs) for _, theirs in folders()]


def test_a_script_that_follows_folders_reads_a_whole_list(elsewhere, gcp):
    read_on = """async folder => {
        const paths = [];
        for (let page = 1; page; ) {
            const list = await (await fetch(`${folder}page/${page}`)).json();
            paths.push(...list.value.map(item => item.path));
            page = list.nextPage;
        }
        return paths;
    }"""
    theirs = [item["path"] for folder, page in sorted(folders(), key=by_page) for item in page["value"] if main(folder)]

    assert elsewhere.evaluate(read_on, f"{gcp.url}/gcp/api/news/") == theirs


def main(folder):
    return folder.startswith("api/news/page")


def by_page(pair):
    return pair[1]["page"]


@pytest.mark.parametrize(
    ("address", "options", "status", "moved"),
    [
        ("/api/news", {}, 200, True),
        ("/gcp/api/topics", {}, 200, True),
        ("/api/newsletters/", {}, 200, False),
        ("/api/openapi.json", {}, 200, False),
        ("/feeds/atom.xml", {}, 200, False),
        ("/sitemap.xml", {}, 200, False),
        ("/api/news/", {"headers": {"X-Client": "1", "If-None-Match": '"x"'}}, 200, False),
        ("/api/nothing/", {}, 404, False),
        ("/api/news/?order=nonsense", {}, 400, False),
    ],
)
def test_a_script_of_another_site_reads_all_public_data(elsewhere, gcp, address, options, status, moved):
    answer = elsewhere.evaluate(FETCH, [gcp.url + address, options])

    assert (answer["status"], answer["moved"]) == (status, moved)
    assert answer["text"]


def test_a_script_of_another_site_reads_where_a_list_goes_on(elsewhere, gcp):
    answer = elsewhere.evaluate(FETCH, [f"{gcp.url}/api/news/", {}])

    assert answer["link"].startswith(f"<{gcp.url}/api/news/?after=")
    assert elsewhere.evaluate(FETCH, [f"{gcp.url}/feeds/rss.xml", {}])["etag"]


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("/", {}),
        ("/topics/", {}),
        ("/admin/", {}),
        ("/newsletter/", {}),
        ("/api/news/", {"credentials": "include"}),
        ("/api/news/", {"method": "DELETE"}),
    ],
)
def test_a_script_of_another_site_reads_no_page_and_with_no_cookie(elsewhere, gcp, address, options):
    with pytest.raises(Exception, match="Failed to fetch"):
        elsewhere.evaluate(FETCH, [gcp.url + address, options])
