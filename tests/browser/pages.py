"""The pages that are tested, and how one is looked at."""

import re
import urllib.error
import urllib.request

from axe_playwright_python.sync_playwright import Axe

from tests.paths import SAMPLES

SCHEMES = ["light", "dark"]
WIDTHS = [360, 768, 1280]


def article(words):
    """The address of the sample article with these words in its file's name."""
    (path,) = SAMPLES.glob(f"_news/*{words}*.md")
    return f"/news/meridian/{path.stem}/"


PUBLIC = {
    "front": "/",
    "front-latest": "/?order=latest&period=year",
    "front-page-2": "/?page=2",
    "front-beyond": "/?page=999",
    "article-story": article("the-night-the-marguerite"),
    "article-links-out": article("seaweed-bread"),
    "article-video": article("watch-the-spring-tide"),
    "article-alone": article("the-long-crossing"),
    "topics": "/topics/",
    "topic": "/topics/ferries/",
    "topic-root": "/topics/meridian/",
    "providers": "/providers/",
    "provider": "/providers/tidewaterpost.example/",
    "scorecard": "/providers/tidewaterpost.example/scorecard/?period=all",
    "scorecard-empty": "/providers/tidewaterpost.example/scorecard/?period=day",
    "archive": "/archive/",
    "archive-month": "/archive/2026/11/",
    "archive-day": "/archive/2026/11/19/",
    "search": "/search/",
    "search-found": "/search/?q=ferry",
    "search-nothing": "/search/?q=zzzz",
    "missing": "/no/such/page/",
}
FOUND = {"story": r"/stories/[^\"]+", "why": r"/why/\d+/"}  # the first that the front page leads to


def text_of(address):
    """A page's HTML, whatever its status."""
    try:
        with urllib.request.urlopen(address) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def address_of(site, name):
    """A public page's address."""
    return PUBLIC.get(name) or re.search(FOUND[name], text_of(site.url))[0]


class Watch:
    """What a page should not have done: messages, failed requests, requests to other hosts."""

    def __init__(self, page, site):
        self.troubles = []
        page.on("console", lambda message: self.add(message.type, message.text))
        page.on("pageerror", lambda error: self.add("error", str(error)))
        page.on("requestfailed", lambda request: self.add("failed", request.url))
        page.on("request", lambda request: self.host(request.url, site.url))

    def add(self, kind, what):
        if kind in ("error", "warning", "failed", "elsewhere"):
            self.troubles.append((kind, what))

    def host(self, url, own):
        if not url.startswith((own, "data:")):
            self.add("elsewhere", url)


def each_look(page, widths=WIDTHS, schemes=SCHEMES):
    """Show the page in every width and scheme, one after the other."""
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished))")
            yield width, scheme


def violations(page):
    """What axe finds, as rule and selector."""
    troubles = page.watch.troubles[:]
    found = Axe().run(page).response["violations"]
    page.watch.troubles = troubles  # without those of axe itself, which styles what the page's policy lets nobody style
    return [
        (violation["id"], node["target"], node["failureSummary"]) for violation in found for node in violation["nodes"]
    ]
