"""What the desk's pages cost on a large site, beside a small one: python -m tests.large [--articles 1000000]

    python -m tests.large --articles 50000 --small 5000 --rounds 3

Makes two SQLite databases with made-up articles, a third of them published, a third in stories, half with marks; of
every kind that a filter finds there are some. Prints, for each page as an editor asks for it, its queries, and the
processor time that it takes in both, and the median ratio of rounds in which both take turns. `--folder` keeps the
databases for the next time. Exits with 1 if a page takes over 15 queries, or over 1.5 times the time.
"""

import argparse
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_QUERIES, MOST_RATIO = 15, 1.5
TRIAGE = "/admin/desk/triage/"
FILTERS = (
    *("", "mark=later", "mark=seen", "mark=decided", "mark=all", "mark=all&after=500", "site=island", "site=quiet"),
    *("outlet=rare.example", "outlet=o1.example", "topic=t1", "topic=rare", "since=1", "since=168", "run=1", "run=2"),
    *("story=led", "story=none", "story=1", "mark=all&picture=broken", "q=article+77", "q=zzz", "mark=all&q=zzz"),
    *(
        f"{mark}state={state}"
        for mark in ("", "mark=all&", "mark=decided&", "mark=later&")
        for state in ("new", "coverage", "published", "scheduled", "ended", "removed")
    ),
    "mark=all&state=published&story=led&site=quiet",
    "mark=all&state=coverage&topic=t1&q=article",
)
LIST = "/admin/articles/article/"
PAGES = (
    "/admin/desk/",
    *(f"{TRIAGE}?{query}" for query in FILTERS),
    *("/", "/?page=2", "/?order=latest", "/?order=hot", LIST),
    *(f"{LIST}?state={state}" for state in ("new", "coverage", "published", "scheduled", "ended", "removed")),
)


def row(n, site, provider, story, number, now):
    """Return the values of an article."""
    day, few, quality = timedelta(days=1), number // 300, n * 7919 % 140
    when = now - timedelta(days=3650) * (number - n) / number
    is_removed = n % few == 3
    live_at, ends_at = now + day if n % few == 0 else None, now - day if n % few == 6 else None
    heat = -1 if n % 6 in (1, 2) else quality
    figures = (quality, heat, n % 3 == 0 and not is_removed, is_removed)
    return (site, f"a{n}", f"Article {n}", when, provider, *figures, story, live_at, ends_at)


def fill(number):
    """Store articles of ten years."""
    sites = [Source.objects.create(name=name).pk for name in ("island", "quiet")]
    Provider.objects.bulk_create(Provider(domain=f"o{n}.example", name=f"O {n}") for n in range(200))
    providers = list(Provider.objects.order_by("pk").values_list("pk", flat=True))
    rare = Provider.objects.create(domain="rare.example", name="Rare").pk
    Topic.objects.bulk_create(Topic(name=name, slug=name) for name in ("rare", *(f"t{n}" for n in range(20))))
    topics = list(Topic.objects.order_by("pk").values_list("pk", flat=True))
    Story.objects.bulk_create((Story(source_id=sites[0]) for _ in range(number // 6)), batch_size=5000)
    stories = list(Story.objects.order_by("pk").values_list("pk", flat=True))
    now = timezone.now()
    names = ("source", "stem", "title", "published_at", "provider", "quality", "heat", "published", "removed")
    names += ("story", "live_at", "ends_at")
    few = number // 300  # of each rare kind 300, in both databases
    for first in range(0, number, 20_000):
        some = range(first, min(first + 20_000, number))
        whose = ((sites[n % few == 7], rare if n == 500 else providers[n % 200]) for n in some)
        places = (stories[n // 6] if n % 6 in (0, 1) and n // 6 < len(stories) else None for n in some)
        rows = zip(some, whose, places, strict=True)
        bulk.insert(Article, names, (row(n, *of, story, number, now) for n, of, story in rows))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE articles_story SET coverage = 2, newest_at = (SELECT MAX(a.published_at) FROM articles_article a"
            " WHERE a.story_id = articles_story.id), lead_id = (SELECT MIN(a.id) FROM articles_article a"
            " WHERE a.story_id = articles_story.id AND a.published)"
        )
    around(number, list(Article.objects.order_by("pk").values_list("pk", flat=True)), topics, now)


def around(number, keys, topics, now):
    """Store what belongs to the articles: topics, marks, imports, pictures, and what waits."""
    rare, *usual = topics
    links = [(key, usual[key % 20], "t") for key in keys]
    bulk.insert(ArticleTopic, ("content_object", "tag", "name"), [*links, (keys[5], rare, "rare")])
    user = User.objects.create(username="root", is_staff=True, is_superuser=True).pk
    state = {0: "new", 2: "new", 4: "seen", 6: "new", 8: "decided"}
    marks = [(key, "later" if key % 50 == 8 else state[key % 10], now, user) for key in keys if key % 2 == 0]
    bulk.insert(Mark, ("article", "state", "at", "user"), marks)
    runs = [ImportRun.objects.create(sources=["island"], rejected=[{"path": "a"}]).pk for _ in range(2)]
    bulk.insert(
        ImportedFile, ("article", "digest", "first_run"), ((key, "", runs[key % (number // 300) == 0]) for key in keys)
    )
    broken = set(keys[:: number // 300])
    pictures = [(key, "https://i.example/a.jpg", "404" if key in broken else "") for key in {*broken, *keys[::10]}]
    bulk.insert(ArticleImage, ("article", "url", "failure"), pictures)
    waiting(number, keys, user)


def waiting(number, keys, user):
    """Store conflicts, suggestions and what somebody did."""
    conflicts = [Conflict(article_id=key, field="title", ours="a", theirs="b") for key in keys if key % 1000 == 1]
    Conflict.objects.bulk_create(conflicts, batch_size=1000)
    pairs = (key for key in keys if key % 100 == 1)
    found = [Suggestion(kind="story", article_id=key, other_id=key + 1, confidence=0.9) for key in pairs]
    Suggestion.objects.bulk_create([one for one in found if one.other_id <= number], batch_size=1000)
    done = (Action(kind="publish", user_id=user, what="Published it") for _ in range(number // 100))
    Action.objects.bulk_create(done, batch_size=1000)


def build(number):
    """Make the database of this process, if it is not there."""
    call_command("migrate", verbosity=0)
    if Article.objects.exists():
        return
    with transaction.atomic():
        fill(number)
        scoring.rescore()
    call_command("rebuild_search", stdout=io.StringIO())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def serve():
    """Answer each address of the input with the queries and the milliseconds that its page took."""
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.get())
    print("ready", flush=True)
    for line in sys.stdin:
        started = time.process_time()
        with CaptureQueriesContext(connection) as queries:
            response = client.get(line.strip())
            len(response.content)
        taken = 1000 * (time.process_time() - started)
        print(response.status_code, len(queries), f"{taken:.1f}", flush=True)
        if os.environ.get("SHOWS_QUERIES"):
            slow = sorted(queries, key=lambda query: -float(query["time"]))[:3]
            print(line, *(f"{query['time']} {query['sql'][:3000]}" for query in slow), sep="\n", file=sys.stderr)


def start(path, number):
    """Return a process that answers from a database."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "NEWSROOM_ACCESS_LOG": "0"}
    command = [sys.executable, "-m", "tests.large", "--serve", str(number)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def ask(process, page):
    """Return the status, queries and milliseconds of a page."""
    process.stdin.write(f"{page}\n")
    process.stdin.flush()
    status, queries, taken = process.stdout.readline().split()
    return int(status), int(queries), float(taken)


def compare(page, small, large, rounds):
    """Print what a page costs. Return whether that is within the limits."""
    asked = [(ask(small, page), ask(large, page)) for _ in range(rounds + 1)]
    status, queries, _ = asked[0][1]  # with cold caches
    pairs = [(one[2], other[2]) for one, other in asked[1:]]
    ratio = statistics.median(other / one for one, other in pairs)
    of_small, of_large = (statistics.median(times) for times in zip(*pairs, strict=True))
    is_good = status == 200 and queries <= MOST_QUERIES and ratio <= MOST_RATIO
    mark = "" if is_good else "  too much"
    print(f"{queries:3} queries {of_small:7.1f} ms {of_large:7.1f} ms {ratio:6.2f}  {page}{mark}", flush=True)
    return is_good


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--articles", type=int, default=1_000_000)
    arguments.add_argument("--small", type=int, default=10_000, help="articles of the site that it is compared with")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--folder", type=Path, help="where the databases stay")
    arguments.add_argument("--page", action="append", help="measure only this page")
    arguments.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.serve:
        build(options.serve)
        serve()
        return
    with tempfile.TemporaryDirectory() as folder:
        numbers = (options.small, options.articles)
        processes = [start((options.folder or Path(folder)) / f"{number}.sqlite3", number) for number in numbers]
        for process in processes:
            process.stdout.readline()
        found = [compare(page, *processes, options.rounds) for page in options.page or PAGES]
        for process in processes:
            process.stdin.close()
            process.wait()
    sys.exit(not all(found))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    django.setup()

from datetime import timedelta  # noqa: E402 (models need the settings)

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from articles.db import bulk  # noqa: E402
from articles.models import (  # noqa: E402
    Action,
    Article,
    ArticleImage,
    ArticleTopic,
    Conflict,
    ImportedFile,
    ImportRun,
    Mark,
    Provider,
    Source,
    Story,
    Suggestion,
    Topic,
)
from articles.ranking import scoring  # noqa: E402

if __name__ == "__main__":
    main()
