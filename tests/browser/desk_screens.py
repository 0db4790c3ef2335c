"""Pictures of the desk for docs/handbook.md, from the samples: `python -m tests.browser.desk_screens [FOLDER]`."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.screens import as_picture
from tests.browser.server import CHROMIUM, add_samples, new_site, served
from tests.paths import ROOT, SAMPLES

SIZE = {"width": 1280, "height": 900}
PREPARE = """
import json
from datetime import UTC, datetime
from django.core.management import call_command
from articles.models import Article, Mark, Provider, Source, Story, Suggestion
call_command("suggest_stories", verbosity=0, no_progress=True)
given = {"source": Source.objects.get(name="meridian"), "provider": Provider.objects.order_by("pk").first()}
given |= {"published_at": datetime(2026, 11, 20, 8, tzinfo=UTC), "quality": 60}
one, other = (
    Article.objects.create(title=title, excerpt=excerpt, **given)
    for title, excerpt in (
        ("Harbour board puts off its vote on the night ferry", "Members want to hear the crews first."),
        ("The harbour board puts off the vote on its night ferry", "Members want to hear the crews first, they said."),
    )
)
Suggestion.objects.create(article=one, other=other, kind="duplicate", confidence=0.93, evidence="Alike")
for article in Article.objects.order_by("-pk")[:12]:
    Mark.objects.update_or_create(article=article, defaults={"state": "new"})
gone = Article.objects.filter(published=True, story=None).order_by("pk").first()
gone.withdrawal_note = "The figures in this article were those of another harbour."
gone.published, gone.removed = False, True
gone.save()
best = Article.objects.published().exclude(story=None).order_by("-quality").first()
story = max(Story.objects.exclude(lead=None), key=lambda one: one.articles.count())
found = {"gone": gone.get_absolute_url(), "article": best.pk, "story": story.pk, "known": best.web_url}
print(json.dumps(found))
"""


def log_in(page, site):
    page.goto(f"{site.url}/admin/")
    page.fill("#id_username", "editor")
    page.fill("#id_password", site.password)
    page.click("[type=submit]")
    page.wait_for_selector("#content-main")


def pages(site, made, folder):
    """Yield the name of each picture, the page's address, and what to do there before."""
    form = f"/admin/articles/article/{made['article']}"
    files = folder / "_news"
    files.mkdir()
    for path in sorted(SAMPLES.glob("_news/*.md"))[:2]:
        shutil.copy(path, files / path.name.replace(path.name[:10], "2026-11-21"))
    (files / "2026-11-21-broken.md").write_text("---\ntitle: [\n")

    def paste(page):
        page.fill("#id_web_url", made["known"])
        page.keyboard.press("Tab")

    def rename(page):
        page.fill("#id_title", page.input_value("#id_title") + ", one year on")
        page.press("#id_title", "Enter")
        page.wait_for_load_state("networkidle")
        page.goto(f"{site.url}{form}/history/")

    def send(page):
        page.set_input_files("#files", sorted(files.iterdir()))
        page.fill("#new-site", "island")
        page.locator("main form.import button").first.click()
        page.wait_for_selector('h1:text-is("What would happen")', timeout=60_000)

    yield "desk-home", "/admin/desk/", None
    yield "desk-triage", "/admin/desk/triage/", None
    yield "desk-add", "/admin/articles/article/add/", paste
    yield "desk-article", f"{form}/change/", None
    yield "desk-withdrawn", made["gone"], None
    yield "desk-story", f"/admin/desk/stories/{made['story']}/", None
    yield "desk-suggestions", "/admin/desk/suggestions/?kind=duplicate", None
    yield "desk-history", f"{form}/change/", rename
    yield "desk-topics", "/admin/desk/topics/", None
    yield "desk-import", "/admin/desk/import/", send


def main(folder):
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        site = new_site(work)
        add_samples(site)
        made = json.loads(site.manage("shell", "-v0", "-c", PREPARE).splitlines()[-1])
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        with served(site):
            page = browser.new_page(viewport=SIZE)
            log_in(page, site)
            for name, address, act in pages(site, made, Path(work)):
                page.goto(site.url + address, wait_until="networkidle")
                if act:
                    act(page)
                    page.wait_for_load_state("networkidle")
                path = folder / f"{name}.webp"
                path.write_bytes(as_picture(page.screenshot()))
                print(path.name, path.stat().st_size)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs" / "screens")
