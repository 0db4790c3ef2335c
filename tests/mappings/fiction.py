"""Invented archives of link blogs in the manner of Jekyll, Hugo and Pelican, and a table of links.

Each function returns the bytes of files by their paths, always the same ones.
"""

import json
import random
from datetime import UTC, datetime, timedelta

POSTS, LINKS = 60, 200
PLACES = ("ferry", "harbour", "lighthouse", "orchard", "seawall", "tram", "library", "quay", "island", "bakery")
DEEDS = (
    "is back",
    "moves uphill",
    "loses its key",
    "sings: a report",
    'says "no"',
    "won't close",
    "#1 again",
    "opens at 5%",
)
TAGS = ("sea", "trams", "books", "food", "code", "weather")
BODIES = (
    "The *{place}* [was seen]({link}) at dawn.\n\nMore of it below.\n",
    "> Nobody had asked.\n\nBut the {place} answered.\n\n---\n\n* one\n* two\n",
    '{{{{< figure src="a.png" >}}}}\n\nA **{place}** with a figure.\n\n```\n--- a\n+++ b\n```\n',
    "{{% include note.html %}}\nIt is [there][1].\n\n[1]: {link}\n",
    "",
    "Written in one line without an end, about the {place}.",
    "Ünïcödé — 港 — {place}\n\n+++ not a delimiter\n",
)


def posts(number, seed):
    """Yield the values of posts: title, moment, link (some have none), tags, and a body."""
    chance = random.Random(seed)  # noqa: S311 (fiction)
    moment = datetime(2004, 12, 25, 9, 5, tzinfo=UTC)
    for n in range(number):
        moment += timedelta(days=chance.randint(1, 60), seconds=chance.randint(0, 80_000))
        place = chance.choice(PLACES)
        link = (
            f"https://{chance.choice(('www.', ''))}{place}-news.example/{n}/?q=a%20b" if chance.random() < 0.8 else ""
        )
        body = chance.choice(BODIES).format(place=place, link=link or "https://elsewhere.example/")
        yield n, f"The {place} {chance.choice(DEEDS)}", moment, link, chance.sample(TAGS, chance.randint(0, 3)), body


def yaml_title(n, title):
    if n % 3 == 0:
        return json.dumps(title)
    if n % 3 == 1:
        return "'" + title.replace("'", "''") + "'"
    return title if not set(title) & set(':#"') else json.dumps(title)


def yaml_date(n, moment):
    return (
        f"{moment:%Y-%m-%d}",
        f"{moment:%Y-%m-%d %H:%M}",
        f"{moment:%Y-%m-%d %H:%M:%S} -0400",
        f"{moment:%Y-%m-%dT%H:%M:%S}+01:00",
        f"{moment:%a, %d %b %Y %H:%M:%S} GMT",
        f'"{moment:%Y-%m-%d} 1:44:51 +0530"',
    )[n % 6]


def with_ends(n, text):
    """Return a text with CR LF line ends, with both kinds, or as it is."""
    if n % 10 == 7:
        return text.replace("\n", "\r\n").encode()
    return text.replace("\n", "\r\n", 2).encode() if n % 10 == 8 else text.encode()


def jekyll():
    files = {"_config.yml": b"title: Links\n", "about.md": b"---\ntitle: About\n---\nNot a post.\n"}
    for n, title, moment, link, tags, body in posts(POSTS, 1):
        lines = ["---", "layout: post", f"title: {yaml_title(n, title)}"]
        if n % 5:
            lines.append(
                f"date: {yaml_date(n, moment)}  # as it was" if n % 7 == 0 else f"date: {yaml_date(n, moment)}"
            )
        if link:
            lines.append(f"{('link', 'external-url')[n % 2]}: {link}")
        if tags:
            lines += (
                ["tags:", *(f"{'  ' * (n % 2)}- {tag}" for tag in tags)],
                [f"tags: [{', '.join(tags)}]"],
                [f"tags: {' '.join(tags)}"],
                [f"tags: {', '.join(tags)}"],
            )[n % 4]
        lines += ["published: false"] if n % 11 == 3 else []
        lines += ["# a comment", "summary: >-", "  Folded", "  words."] if n % 9 == 4 else []
        lines += ["..." if n % 13 == 12 else "---"]
        files[f"_posts/{'notes/' * (n % 2)}{moment:%Y-%m-%d}-post-{n}.md"] = with_ends(n, "\n".join([*lines, body]))
    return files


def toml_text(n, text):
    return f"'{text}'" if n % 2 and "'" not in text else json.dumps(text, ensure_ascii=False)


def hugo():
    files = {"hugo.toml": b"title = 'Links'\n", "content/_index.md": b"---\ntitle: Home\n---\n"}
    for n, title, moment, link, tags, body in posts(POSTS, 2):
        dates = (f"{moment:%Y-%m-%d}", f"{moment:%Y-%m-%dT%H:%M:%S}Z", f"{moment:%Y-%m-%dT%H:%M:%S}.000-04:00")
        listed = ", ".join(toml_text(n, tag) for tag in tags)
        if n % 4 == 3:
            lines = [
                "---",
                f"title: {yaml_title(n, title)}",
                f"date: {yaml_date(n, moment)}",
                f"draft: {str(n % 8 == 3).lower()}",
            ]
            lines += ["params:", f"  link: {link}", "  via: friend"] if link else []
            lines += ["taxonomies:", "  tags:", *(f"    - {tag}" for tag in tags)] if tags else []
            lines += ["---"]
        else:
            lines = ["+++", f"title = {toml_text(n, title)}", f"date = {dates[n % 3]}  # when"]
            lines += [f"link = {toml_text(n, link)}"] if link and n % 4 else []
            lines += (
                [f"tags = [{listed}]"] if n % 2 else ["tags = [", *(f"  {toml_text(n, tag)}," for tag in tags), "]"]
            )
            lines += ["draft = true"] if n % 12 == 0 else []
            lines += ['aliases = ["/x/"]', "", "[params]", 'mood = "calm"']
            lines += [f'link = "{link}"'] if link and not n % 4 else []
            lines += ["+++"]
        place = f"content/news/{moment:%Y}/post-{n}" + ("/index.md" if n % 6 == 0 else ".md")
        files[place] = with_ends(n, "\n".join([*lines, "", body]))
    return files


def pelican():
    files = {"content/pages/about.md": b"Title: About\n\nNot a post.\n", "pelicanconf.py": b"SITENAME = 'Links'\n"}
    for n, title, moment, link, tags, body in posts(POSTS, 3):
        dates = (
            f"{moment:%Y-%m-%d %H:%M}",
            f"{moment:%Y-%m-%d}",
            f"{moment:%d %B %Y}",
            f"{moment:%Y-%m-%dT%H:%M}+0200",
        )
        lines = [f"Title: {title}", f"Date: {dates[n % 4]}", "Authors: Someone"]
        lines += [f"{('link', 'Link', 'External_url')[n % 3]}:  {link}"] if link else []
        lines += [f"Tags: {', '.join(tags)}" if n % 2 else f"tags: {','.join(tags)}"] if tags else []
        lines += ["Status: draft"] if n % 10 == 5 else []
        lines += ["Summary: One line", "    and another one"] if n % 9 == 2 else []
        files[f"content/{moment:%Y}/post-{n}.md"] = with_ends(n, "\n".join([*lines, "", body]))
    return files


def table():
    """Return a table as Excel saves it: with a byte-order mark, semicolons and CR LF, and quotes where needed."""
    rows = ["\ufeffTitle;Date;Link;Tags;Excerpt;Notes"]
    for n, title, moment, _, tags, _ in posts(LINKS, 4):
        quoted = '"' + title.replace('"', '""') + '"' if '"' in title or n % 4 == 0 else title
        dates = (f"{moment:%d.%m.%Y}", f"{moment:%Y-%m-%d %H:%M}", f"{moment:%Y-%m-%d}")
        note = '"two\r\nlines; and a sign"' if n % 20 == 0 else ""
        listed = ", ".join(tags)
        rows.append(
            f"{quoted};{dates[n % 3]};https://links-{n % 7}.example/{n};{listed};{'' if n % 2 else 'Short.'};{note}"
        )
        rows += [";;;;;"] if n % 50 == 30 else []
    return {"links.csv": "\r\n".join(rows).encode()}


ARCHIVES = {"jekyll": jekyll, "hugo": hugo, "pelican": pelican, "csv": table}
COUNTS = {"jekyll": POSTS, "hugo": POSTS, "pelican": POSTS, "csv": LINKS}
