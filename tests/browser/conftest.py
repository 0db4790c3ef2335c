"""A real server with real data, a real browser, and the Nu checker."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.pages import Watch
from tests.browser.server import CHROMIUM, add_samples, free_port, new_site, served, wait_for
from tests.paths import AZURE, POWERAPPS, SAMPLES

CHECKER = Path(__file__).parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Newsroom as in production: the samples, and the real sites if they are there.

    Its database is a new one on SQLite, or on PostgreSQL what `tests.with_postgres` started.
    """
    folder = tmp_path_factory.mktemp("site")
    server = os.environ.get("DATABASE_URL", "")
    site = new_site(folder, server if server.startswith("postgres") else "")
    add_samples(site)
    disagree(folder / "rewritten", site.manage)
    if AZURE.exists():
        site.manage("import_articles", str(AZURE), str(POWERAPPS))
    with served(site):
        yield site


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """Newsroom as in production with nothing but the samples."""
    site = new_site(tmp_path_factory.mktemp("samples"))
    add_samples(site)
    with served(site):
        yield site


def disagree(folder, manage):
    """Let an editor and the source change the same fields of a sample, and the source send a broken file too."""
    (folder / "_news").mkdir(parents=True)
    sample = next(path for path in sorted(SAMPLES.glob("_news/*.md")) if "images:" in path.read_text())
    text = re.sub(r'^title: ".*"$', 'title: "The source\'s new title"', sample.read_text(), count=1, flags=re.M)
    text = re.sub(r'^excerpt: ".*"$', 'excerpt: "The source\'s new excerpt."', text, count=1, flags=re.M)
    text = re.sub(r'^  - url: ".*"$', '  - url: "https://i.example/new.jpg"', text, count=1, flags=re.M)
    text = re.sub(r"^quality: \d+$", "quality: 88", text, count=1, flags=re.M)  # nobody else changed that
    (folder / "_news" / sample.name).write_text(text)
    (folder / "_news" / "broken.md").write_text('---\ntitle: "Half a file\n')
    edit = (
        "from articles.models import Article, ArticleImage\n"
        f"article = Article.objects.get(stem={sample.stem!r})\n"
        "ours = {'title': 'The editor\\'s title', 'excerpt': 'The editor\\'s excerpt. ' * 30}\n"
        "Article.objects.filter(pk=article.pk).update(**ours)\n"
        "ArticleImage.objects.filter(article=article).update(url='https://i.example/ours.jpg')\n"
    )
    manage("shell", "-c", edit)
    with pytest.raises(subprocess.CalledProcessError):  # one file is rejected
        manage("import_articles", str(folder), "--source", "meridian")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or pytest.fail("Chromium is not installed."), args=CHROMIUM
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """A function that opens an address in a fresh context, and closes that after the test."""
    contexts = []

    def open_(address, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.watch = Watch(page, site)
        page.goto(site.url + address)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def editor_state(browser, site):
    """The cookies of a logged-in editor."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.url}/admin/")
    page.fill("#id_username", "editor")
    page.fill("#id_password", site.password)
    page.click("[type=submit]")
    page.wait_for_selector("#content-main")
    yield context.storage_state()
    context.close()


@pytest.fixture(scope="session")
def nu_messages():
    """A function: what the Nu checker says of a page's HTML, as kind, text and place."""
    assert CHECKER.exists(), "The Nu checker is missing: run npm ci in tests/browser."
    port = free_port()
    java = ["java", "-cp", CHECKER, "-Dnu.validator.servlet.bind-address=127.0.0.1", "nu.validator.servlet.Main"]
    with subprocess.Popen([*java, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as checker:

        def messages(html):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/?out=json", html.encode(), {"Content-Type": "text/html; charset=utf-8"}
            )
            with urllib.request.urlopen(request) as response:
                found = json.load(response)["messages"]
            return [(one["type"], one["message"], one.get("extract")) for one in found]

        try:
            wait_for(f"http://127.0.0.1:{port}/", checker)
            yield messages
        finally:
            checker.terminate()
