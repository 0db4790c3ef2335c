"""Pictures of the pages for docs/design.md, from the samples: `python -m tests.browser.screens [FOLDER]`."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.pages import address_of
from tests.browser.server import CHROMIUM, add_samples, new_site, served
from tests.paths import ROOT

HEIGHT = 1000
SHOWN = 960  # pixels wide at most
SCREENS = [  # page, width, scheme, list
    ("front", 1280, "light", "comfortable"),
    ("front", 1280, "dark", "comfortable"),
    ("front", 768, "light", "comfortable"),
    ("front", 360, "light", "comfortable"),
    ("front", 360, "dark", "comfortable"),
    ("front", 1280, "light", "dense"),
    ("story", 1280, "light", "comfortable"),
    ("article-story", 1280, "light", "comfortable"),
    ("article-story", 360, "dark", "comfortable"),
    ("article-alone", 768, "dark", "comfortable"),
    ("topic-root", 1280, "light", "comfortable"),
    ("topics", 768, "light", "comfortable"),
    ("provider", 1280, "light", "comfortable"),
    ("scorecard", 1280, "light", "comfortable"),
    ("scorecard", 360, "light", "comfortable"),
    ("search", 768, "light", "comfortable"),
    ("search-found", 1280, "light", "comfortable"),
    ("archive-month", 1280, "light", "comfortable"),
    ("archive", 768, "light", "comfortable"),
    ("why", 1280, "light", "comfortable"),
    ("missing", 768, "light", "comfortable"),
]
PIN = """
from articles.models import Article, Pin
article = Article.objects.published().get(stem__contains="the-night-the-marguerite")
Pin.objects.get_or_create(article=article, defaults={"position": 1, "reason": "The story of the month"})
"""


def screen(browser, site, name, width, scheme, density):
    """A page as a WebP picture."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)
    context.add_cookies([{"name": "list", "value": density, "url": site.url}])
    page = context.new_page()
    page.goto(site.url + address_of(site, name), wait_until="networkidle")
    page.reload(wait_until="networkidle")  # with the fonts, which a first visit may do without
    shown = page.screenshot()
    context.close()
    return as_picture(shown)


def as_picture(shown):
    """A screenshot as a WebP picture for the docs."""
    shot = Image.open(io.BytesIO(shown))
    if shot.width > SHOWN:
        shot = shot.resize((SHOWN, shot.height * SHOWN // shot.width))
    kept = io.BytesIO()
    shot.save(kept, "webp", quality=45, method=6)
    return kept.getvalue()


def main(folder):
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        site = new_site(work)
        add_samples(site)
        site.manage("shell", "-c", PIN)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        with served(site):
            for name, width, scheme, density in SCREENS:
                path = folder / f"{name}-{width}-{scheme}{'-dense' if density == 'dense' else ''}.webp"
                path.write_bytes(screen(browser, site, name, width, scheme, density))
                print(path.name, path.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "screens")
