"""Tables of which each row is an article: found again, told, and written back whole."""

import re

import pytest

from articles.models import Article, ImportedTable
from tests.admin.forms import change
from tests.mappings.runs import TABLE, export, load

pytestmark = pytest.mark.django_db


def test_a_row_keeps_its_article_when_other_cells_change(table):
    load(table, "csv")
    before = set(Article.objects.values_list("pk", flat=True))
    (table / "links.csv").write_bytes(TABLE.replace(b"One,2024-01-02", b"Uno,2024-02-02"))

    report, _ = load(table, "csv")

    assert (report["updated"], report["unchanged"], report["created"]) == (1, 1, 0)
    assert set(Article.objects.values_list("pk", flat=True)) == before


def test_a_row_whose_link_an_editor_changed_keeps_its_article(table, admin_client):
    load(table, "csv")
    change(admin_client, Article.objects.get(title="One"), web_url="https://a.example/new")
    export(table)
    assert (table / "links.csv").read_bytes() == TABLE.replace(b"a.example/1", b"a.example/new")

    for _ in range(2):
        report, _ = load(table, "csv")

    assert (report["unchanged"], report["created"], Article.objects.count()) == (2, 0, 2)


def test_a_repeated_row_and_a_bad_one_are_told_and_written_back(table):
    rows = TABLE + b"One again,2024-01-02,https://a.example/1,\n,,,\nThree,soon,https://c.example/3,\nFour,2024-01-04\n"
    (table / "links.csv").write_bytes(rows)

    report, err = load(table, "csv")
    export(table)

    assert report["created"] == 3
    assert "links.csv:4: stem: expected a name of its own" in err
    assert "links.csv:2" in err
    assert "links.csv:6: date: expected a date" in err
    assert (table / "links.csv").read_bytes() == rows


def test_the_row_of_a_deleted_article_stays_in_the_table(table, admin_client):
    load(table, "csv")
    Article.objects.get(title="One").delete()
    change(admin_client, Article.objects.get(), title="Edited")

    export(table)
    report, _ = load(table, "csv")

    assert (table / "links.csv").read_bytes() == TABLE.replace(b"Two", b"Edited")
    assert (report["created"], Article.objects.count()) == (0, 1)


def test_an_article_whose_row_is_gone_is_told(table):
    load(table, "csv")
    (table / "links.csv").write_bytes(TABLE.replace(b"Two,2024-01-03,https://b.example/2,kept\n", b""))
    load(table, "csv")

    err = export(table)

    assert "its row is not in the table any more" in err
    assert ImportedTable.objects.count() == 1
    assert b"Two" not in (table / "links.csv").read_bytes()


def test_a_column_can_name_the_articles(table, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text('files: ["*.csv"]\nkeys:\n  title: title\n  date: publishedDateTime\n  link: webUrl\nstem: NOTES\n')

    report, err = load(table, mine)

    assert report["created"] == 1
    assert Article.objects.get().stem == "kept"
    assert "links.csv:2: NOTES: " in err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'title,date\n"One,2024', 'links.csv:2: .*expected a closing "'),
        (b"title,Title\n", "links.csv:1: title: expected each column once"),
        (b"", "links.csv:1: .*expected a header row"),
        ("title;é\n".encode("cp1252"), "links.csv:1: .*expected UTF-8 text, found byte 0xe9; save the file as UTF-8"),
        (b"title,date,link\nA, b,2024-01-02,https://a.example/\n", "links.csv:2: .*expected 3 cells, found 4"),
        (b"title\n\0\n", "links.csv:2: .*expected text, found a NUL character"),
    ],
)
def test_a_bad_table_is_told(table, data, message):
    (table / "links.csv").write_bytes(data)

    report, err = load(table, "csv")

    assert report["created"] == 0
    assert re.search(message, err)


@pytest.mark.parametrize("domain", ["Example.ORG", "EXAMPLE.org.", "https://example.org", "example.org/news"])
def test_the_spelling_of_a_domain_is_no_edit(table, domain):
    (table / "links.csv").write_text(f"title,date,link,domain\nOne,2024-01-02,https://a.example/1,{domain}\n")
    before = (table / "links.csv").read_bytes()
    load(table, "csv")

    assert export(table) == ""
    assert (table / "links.csv").read_bytes() == before
