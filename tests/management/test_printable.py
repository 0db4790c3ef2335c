"""No command sends a terminal or a log what strangers wrote as it is: no escapes, no signs that turn text, no lines."""

import io
import logging
import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from articles.management import base
from articles.models import Article, ArticleImage, DeletedArticle, Source
from articles.text.printable import printable
from tests.factories import make_article, make_file, make_image, make_provider, make_topic
from tests.management.test_base import COMMANDS

HOSTILE = {
    "clear the screen": "\x1b[2J",
    "title of the window": "\x1b]0;owned\x07",
    "C1 introducer": "\x9b31m",
    "carriage return": "safe\roverwritten",
    "line": "one\nforged: two",
    "backspace": "a\x08b",
    "override": "\u202etxt.exe",
    "isolate": "\u2066a",
    "line separator": "a\u2028b",
    "next line": "a\x85b",
    "zero width": "a\u200bb",
    "half a character": "a\udcff",
    "delete": "a\x7f",
}
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


@pytest.mark.attack(3)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_made_printable(name):
    found = printable(HOSTILE[name])

    assert found.isprintable()
    assert found != HOSTILE[name]
    assert printable(found) == found


class Says(base.Command):
    stealth_options = ("text",)

    def handle(self, *, text, **options):
        self.stdout.write(text)
        self.stderr.write(text)
        raise CommandError(text)


@pytest.mark.attack(3)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_a_command_says_is_one_printable_line(name, capsys):
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError):
        call_command(Says(), text=HOSTILE[name], stdout=out, stderr=err)

    for said in (out.getvalue(), err.getvalue()):
        assert said.count("\n") == 1
        assert not CONTROL.search(said)


@pytest.fixture
def hostile_site(tmp_path, settings):
    """A folder, an archive's worth of files and rows in which every text is hostile. Return the folder."""
    settings.IS_DEMO, settings.NEWSROOM_WEBSUB_HUB = True, ""
    site = tmp_path / "site" / "_news"
    site.mkdir(parents=True)
    for number, text in enumerate(HOSTILE.values()):
        stem = text.encode(errors="surrogateescape").decode(errors="surrogateescape").replace("/", "")
        (site / f"{stem}.md").write_bytes(b"---\n---\n")
        (site / f"good{number}.md").write_bytes(make_file("g", title=f"T{text}".replace("\udcff", "")).data)
        (site / f"bad{number}.md").write_bytes(f'---\n"{text}": x\ntype: "{text}"\n---\n'.encode(errors="replace"))
        (site / f"{stem}.exe").write_bytes(b"")
    for number, text in enumerate(text for text in HOSTILE.values() if text.isprintable() or "\udcff" not in text):
        provider = make_provider(f"p{number}.example", name=text)
        article = make_article(text, provider=provider, topics=[make_topic(f"{text}{number}")], heat=number)
        make_image(f"https://127.0.0.1/{text}", article)
        Article.objects.filter(pk=article.pk).update(stem=f"{text}{number}")
        DeletedArticle.objects.create(source=article.source, stem=f"gone{text}", title=text)
    ArticleImage.objects.update(retry_at=datetime(2026, 1, 1, tzinfo=UTC))
    Source.objects.update(title="\x1b[2J")
    return tmp_path


ARGUMENTS = {
    "import_articles": lambda folder: [str(folder / "site"), "--dry-run"],
    "export_articles": lambda folder: [str(folder / "out\x1b[2J")],
    "cache_images": lambda folder: ["--limit", "20"],
    "demo": None,  # serves
}


@pytest.mark.attack(3)
@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in COMMANDS if ARGUMENTS.get(name, 1)])
def test_no_command_prints_or_logs_a_control_character_of_a_name(name, hostile_site, caplog):
    out, err = io.StringIO(), io.StringIO()
    arguments = ARGUMENTS.get(name, lambda folder: [])(hostile_site)

    with caplog.at_level(logging.INFO, "newsroom"):
        try:
            call_command(name, *arguments, stdout=out, stderr=err)
        except (SystemExit, CommandError) as error:
            err.write(printable(str(error)))  # as the command line prints it

    said = out.getvalue() + err.getvalue()
    assert said
    assert CONTROL.findall(said) == []
    assert [line for line in said.splitlines() if line.startswith("forged")] == []
    logged = [record.getMessage().partition("\n")[0] for record in caplog.records]
    assert [line for line in logged if CONTROL.search(line)] == []


@pytest.mark.attack(3)
@pytest.mark.django_db
@pytest.mark.parametrize("path", ["\x1b[2J", "no\nsuch: file", "\u202ecod.md", "a\udcff", "x.zip\x9b"])
def test_a_path_that_is_not_there_is_told_in_one_printable_line(path, capsys):
    with pytest.raises(CommandError) as error:
        call_command("import_articles", path)

    assert printable(str(error.value)).count("\\") >= 1
    assert "\n" not in printable(str(error.value))


def test_what_a_database_says_is_one_printable_line():
    assert base.database_problem(DatabaseError("bad \x1b[2J\nline")).isprintable()
