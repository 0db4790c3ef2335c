"""Compare a site before and after an upgrade: python -m tests.upgrade ARCHIVE [--from COMMIT] [--every N]

Checks out an earlier commit, imports the archive with it, adds editors' work, exports it and reads its pages. Then
migrates that database with the code here, exports and reads the same again, and compares both byte for byte. Exits
with 1 if anything differs. `--every N` reads only each N-th of the articles' and outlets' pages. The databases are
SQLite files, or PostgreSQL's if DATABASE_URL names an empty one.

Two things may differ and are evened out: cursors in the addresses of next pages, which no longer hold the number of
the last move, and texts of the interface that were edited since, which --texts FILE lists: a JSON list of pairs.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64decode
from difflib import unified_diff
from pathlib import Path

from tests.paths import ROOT

BEFORE_MOVE = "b54a7eb"  # the last commit before modules moved into packages
WORK = """
import django
django.setup()
from datetime import datetime, timedelta, UTC
from django.contrib.auth.models import User
from django.utils import timezone
from articles.models import Article, Boost, Pin, Source, Story, Topic
editor = User.objects.create_superuser("editor", password="editor")
leads = list(Article.objects.published().leads().order_by("file_name")[:400:8])
soon = timezone.now() + timedelta(days=300)
for n, article in enumerate(leads):
    if n % 3 == 0:
        Boost.objects.create(article=article, points=(-1) ** n * n, reason="Because", until=soon if n % 2 else None)
    if n % 7 == 0:
        Pin.objects.create(article=article, reason="Because", position=n)
    if n % 4 == 1:
        article.title, article.excerpt = f"Edited: {article.title}", "Edited"
        article.save()
for n, story in enumerate(Story.objects.exclude(lead=None).order_by("pk")[:20]):
    story.headline = f"Headline {n}"
    story.save()
"""
READ = """
import django, json, re, sys
django.setup()
from html import unescape
from urllib.parse import urljoin
from django.test import Client
from articles.models import Article, Provider, Source, Story, Topic
every = int(sys.argv[2])
source = Source.objects.order_by("pk").first().name
topics = list(Topic.objects.order_by("pk").values_list("slug", flat=True))
providers = list(Provider.objects.order_by("domain").values_list("domain", flat=True))[::every]
articles = [a.get_absolute_url() for a in Article.objects.select_related("source").order_by("file_name")[::every]]
stories = [s.get_absolute_url() for s in Story.objects.select_related("lead").order_by("pk")[::every]]
months = [f"/archive/{year}/{month}/" for year in (2020, 2021) for month in range(1, 13)]
orders = ("quality", "heat", "hot", "latest")
formats = ("rss.xml", "atom.xml", "feed.json")
addresses = [
    *(f"/?order={order}&period={period}" for order in orders for period in ("all", "week")),
    *articles, *stories, "/topics/", *(f"/topics/{slug}/" for slug in topics),
    "/providers/", *(f"/providers/{domain}/" for domain in providers), "/archive/", *months,
    *(f"/search/?q={q}" for q in ("azure", "cloud+security", "%22machine+learning%22", "topic:ai", "quality:100")),
    *(f"{folder}{name}" for folder in ("/feeds/", *(f"/topics/{s}/" for s in topics[:3])) for name in formats),
    "/sitemap.xml", "/sitemap-lists.xml", "/news-sitemap.xml", "/robots.txt", "/opensearch.xml",
    *(f"{site}/api/news/{lead}index.json" for site in ("", f"/{source}") for lead in ("", *(f"{s}/" for s in topics))),
    *(f"/api/news/page/{n}/index.json" for n in range(1, 27)),
    *(f"/api/news/index.json?order={order}" for order in orders),
]
client = Client(headers={"host": "localhost"})
found = {}
for address in addresses:
    for number in range(3):  # and the pages after it
        response = client.get(address)
        text = response.content.decode()
        headers = [response.headers.get(name, "") for name in ("Location", "Link")]
        found[address] = [response.status_code, *headers, text]
        link = re.search(r'<a href="([^"]*)" rel="next">', text)
        if not link:
            break
        address = urljoin(address, unescape(link[1]))
json.dump(found, open(sys.argv[1], "w"))
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("archive", type=Path)
    arguments.add_argument("--from", dest="commit", default=BEFORE_MOVE)
    arguments.add_argument("--every", type=int, default=1)
    arguments.add_argument("--texts", type=Path)
    options = arguments.parse_args()
    texts = json.loads(options.texts.read_text()) if options.texts else []
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder, "old")
        git("clone", "--quiet", "--no-checkout", str(ROOT), str(old))
        git("-C", str(old), "checkout", "--quiet", options.commit)
        database = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/site.sqlite3")
        run = Run(database, options.every)
        run(old, "manage.py", "migrate", "-v0")
        run(old, "manage.py", "import_articles", str(options.archive.resolve()), "--no-progress")
        run(old, "-c", WORK)
        before = run.state(old, Path(folder, "before"))
        run(ROOT, "manage.py", "migrate", "-v0")
        after = run.state(ROOT, Path(folder, "after"))
    differing = sorted(name for name in before.keys() | after.keys() if differs(name, before, after, texts))
    for name in differing[:10]:
        print(name, *diff(before.get(name, ""), after.get(name, ""), texts), sep="\n")
    print(f"{len(before)} files and pages before, {len(after)} after; {len(differing)} differ")
    sys.exit(bool(differing))


class Run:
    """Runs Python in a checkout against one database."""

    def __init__(self, database, every):
        self.environment = {
            **os.environ,
            "DATABASE_URL": database,
            "NEWSROOM_SECRET_KEY": "only for the time of an upgrade",
        }
        self.environment["DJANGO_SETTINGS_MODULE"] = "newsroom.settings"
        self.every = every

    def __call__(self, checkout, *command):
        subprocess.run([sys.executable, *command], cwd=checkout, env=self.environment, check=True)

    def state(self, checkout, folder):
        """Every exported file and every page, by name."""
        self(checkout, "manage.py", "export_articles", str(folder), "--no-progress")
        self(checkout, "-c", READ, f"{folder}.json", str(self.every))
        files = {str(path.relative_to(folder)): path.read_bytes().decode() for path in folder.rglob("*.md")}
        pages = {
            even(name): "\n".join(map(str, page))
            for name, page in json.loads(Path(f"{folder}.json").read_text()).items()
        }
        return files | pages


def even(text):
    """Without what a cursor held beyond its first four parts."""
    return re.sub(r"((?:after|before)=)([\w-]{20,})", lambda match: match[1] + _cursor(match[2]), text)


def _cursor(token):
    try:
        parts = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        return token
    return json.dumps(parts[:4])


def differs(name, before, after, texts):
    return name not in before or name not in after or edited(before[name], texts) != edited(after[name], ())


def edited(text, texts):
    for old, new in texts:
        text = text.replace(old, new)
    return even(text)


def diff(before, after, texts):
    lines = unified_diff(edited(before, texts).splitlines(), edited(after, ()).splitlines(), lineterm="", n=0)
    return [line[:300] for line in lines][:12]


def git(*arguments):
    subprocess.run(["git", *arguments], check=True)


if __name__ == "__main__":
    main()
