"""A canary in `secured`, and in other spellings of the key, against everything that is told, shown or written."""

import json
import logging

import pytest
from django.core.management import call_command

from articles.models import (
    Article,
    ArticleImage,
    Change,
    Conflict,
    ImportRun,
    RelatedLink,
    SearchEntry,
    Story,
)
from articles.sync.importer import import_files
from tests.factories import make_file, make_related
from tests.frontmatter.test_secrets import BROKEN, CANARY, SPELLINGS
from tests.hostile import HEAD
from tests.sync.sites import run

pytestmark = pytest.mark.django_db
KEYS = [spelling for spelling in SPELLINGS if not set("\n'\\") & set(spelling)]


def secretive():
    """Return a file with canaries in `secured`, in other spellings of the key, and in nested ones."""
    item = make_related("r") | {"extra": {"Secured": CANARY}, "images": [{"url": "/a", "extra": {"SECURED ": CANARY}}]}
    file = make_file("a", secured=CANARY, related=[item], images=[{"url": "/b", "extra": {"secureD": CANARY}}])
    lines = "".join(f"{key}: {CANARY}\n" for key in KEYS[1:])
    nested = f"more: {{a: [{{secured: {CANARY}}}], open: told}}\n"
    text = file.data.decode().replace("\nprovider:\n", f"\nprovider:\n  Secured: {CANARY}\n")
    file.data = text.replace("\n---\n\n", f"\n{lines}{nested}---\n\n").encode()
    return file


@pytest.fixture
def broken_site(tmp_path):
    """A folder of broken files, each with a canary, and one good one."""
    for number, (lines, spelling) in enumerate((lines, s) for lines in BROKEN.values() for s in SPELLINGS):
        path = tmp_path / "site" / "_news" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"---\n" + HEAD + lines.replace("%s", spelling).encode() + b"\n---\n")
    (path.parent / "good.md").write_bytes(secretive().data)
    topics = tmp_path / "site" / "_data" / "topics"
    topics.mkdir(parents=True)
    for number, lines in enumerate(BROKEN.values()):
        (topics / f"{number}.yaml").write_text(f"_id: t{number}\nname: T{number}\n{lines.replace('%s', 'Secured')}\n")
    return tmp_path


@pytest.mark.attack(21)
@pytest.mark.parametrize("arguments", [(), ("--dry-run",)], ids=["import", "dry run"])
def test_an_import_tells_nothing_that_is_secured(broken_site, caplog, arguments):
    with caplog.at_level(logging.DEBUG):
        result = run(broken_site / "site", "--report", broken_site / "report.json", *arguments)

    assert result.code == 2
    runs = json.dumps(list(ImportRun.objects.values("rejected", "warnings", "problem")))
    told = [result.out, result.err, (broken_site / "report.json").read_text(), runs, caplog.text]
    assert [text for text in told if CANARY[2:7] in text] == []


@pytest.mark.attack(21)
def test_no_column_but_the_files_own_has_what_is_secured():
    file = secretive()
    for files in ([file], [file, make_file("b", related=[make_related("a")])], [make_file("a", secured=CANARY)]):
        report = import_files(files)

        assert report.rejected == []
        for model in (Article, ArticleImage, Change, Conflict, ImportRun, RelatedLink, SearchEntry, Story):
            assert CANARY not in str(list(model.objects.values()))
        assert RelatedLink.objects.exists() or len(files) == 1 != report.created
        Article.objects.update(title="Edited")


@pytest.mark.attack(21)
def test_an_export_tells_nothing_that_is_secured_and_writes_it(tmp_path, capsys):
    file = secretive()
    import_files([file])
    Article.objects.update(title="Edited")

    call_command("export_articles", tmp_path / "out", report=tmp_path / "report.json")

    said = capsys.readouterr()
    assert CANARY not in said.out + said.err + (tmp_path / "report.json").read_text()
    assert (tmp_path / "out/_news/a.md").read_bytes() == file.data.replace(b"Title of a", b"Edited")


@pytest.mark.attack(21)
@pytest.mark.parametrize("table", ["title,date,link,secured", "secured,link,date,title", "title;Secured;link;date"])
def test_a_table_of_another_program_tells_nothing_that_is_secured(tmp_path, table):
    separator = ";" if ";" in table else ","
    rows = [[CANARY] * 4, [CANARY, "", "", CANARY], [f'"{CANARY}', "x", CANARY, "x"], ["x", *[CANARY] * 6]]
    (tmp_path / "links.csv").write_text("\n".join([table, *(separator.join(row) for row in rows)]))
    (tmp_path / "map.yaml").write_text(
        "files: ['*.csv']\nkeys:\n  title: title\n  date: publishedDateTime\n  link: webUrl\n"
    )

    result = run(tmp_path, "--map", tmp_path / "map.yaml", "--report", tmp_path / "r.json")

    assert CANARY[2:7] not in result.out + result.err + (tmp_path / "r.json").read_text()
