"""Names of files from other systems: taken as they are, or told; never taken in garbled."""

# ruff: noqa: RUF001 - the letters are meant

import struct
import unicodedata
import zipfile
import zlib
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from articles.models import Article
from articles.sync import names
from articles.sync.exporter import files as exported
from articles.sync.files import find
from articles.sync.found import FoundFile, Rejection
from articles.sync.importer import import_files
from articles.text import addresses
from tests.factories import make_article, make_file
from tests.sync.sites import archive, write

GOOD = [
    "2024-03-05-समाचार-हिन्दी", "ข่าวที่ดี", "বাংলা-খবর", "தமிழ்", "新聞", "новости", "שלום-עולם", "می\u200cخواهم",
    "-quoted-title", "2024-03-05 harbour news", "50%-off", "%2e%2e", "a&b", "c++-notes", "final (1)", "l’île",
    "roads-—-and-bridges", "‘first’-no-more", "what-s-new?", "a#b", "a;b=c", "a:b", "\"a\"", "<b>", "a|b*c", "a.v2",
    "🔥-fire", "_", "x" * 252, "港" * 84, "index.json", "a~b", "$[x]{y}^`",
]  # fmt: skip
BAD = {
    "": "at the start", " a": "blank", "a ": "blank", "a\u2028b": "invisible", "a\x7f": "control",
    "a\u202eb": "invisible", "a\\b": "\\\\", "soft\xadhyphen": "invisible", "\ufeffa": "invisible",
    "x" * 253: "252 bytes", "港" * 85: "252 bytes", "caf\udce9": "UTF-8", "a\nb": "control",
}  # fmt: skip


@pytest.mark.attack(3)
@pytest.mark.django_db
@pytest.mark.parametrize("name", GOOD)
def test_an_article_of_any_name_has_working_addresses_and_is_exported_under_its_name(client, name):
    report = import_files([make_file(name, published=True, quality=80, heat=80)])
    article = Article.objects.get()

    assert (report.created, report.rejected, article.stem) == (1, [], name)
    assert client.get(article.get_absolute_url()).status_code == 200
    page = client.get("/").content.decode()
    assert "Title of" in page
    assert client.get(reverse("article_picture", args=["harbour", name])).status_code == 200
    assert client.get(f"/harbour/api/news/{quote(name, safe='')}/index.json").json()["title"] == f"Title of {name}"
    assert client.get("/feeds/rss.xml").status_code == 200
    assert [stem for stem, _ in exported(article.source)] == [name]


@pytest.mark.attack(3)
@pytest.mark.parametrize("name", BAD)
def test_a_name_that_no_article_can_have_is_told(name):
    assert BAD[name] in names.stem_problem(name)


@pytest.mark.django_db
def test_an_import_tells_a_name_that_no_article_can_have():
    report = import_files([make_file("a"), make_file("b\u2028")])

    (told,) = report.rejected
    assert (report.created, told.key) == (1, "file name")


@given(st.text(max_size=300))
def test_a_name_is_an_articles_or_told_in_one_line(name):
    problem = names.stem_problem(name)

    assert problem is None or problem.startswith("expected ")
    assert problem is None or problem.isprintable()
    if problem is None:
        assert len(f"{name}.md".encode()) <= 255
        address = reverse("article_detail", args=["harbour", name])
        assert address.isascii()
        assert "/" not in address.removeprefix("/news/harbour/").removesuffix("/")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["café", "한국어", "Ångström", "ñandú", "ガギグ", "Việt-Nam"])
def test_a_name_is_the_same_article_however_its_accents_are_written(tmp_path, name):
    forms = [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    data = make_file("x").data
    for form in forms:
        write(tmp_path / form, {f"harbour/_news/{form}.md": data})

    first, second = [import_files(find(str(tmp_path / form))) for form in forms]

    assert (first.created, second.unchanged, second.rejected) == (1, 1, [])
    assert Article.objects.get().stem == forms[0]
    assert Article.objects.get().file.place == f"{forms[1]}.md"
    both = write(tmp_path / "both", {f"harbour/_news/{form}.md": data for form in forms})
    assert [told.key for told in import_files(find(str(both))).rejected] == ["file name"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stem", "stored"),
    [("cafe\u0301", "café"), ("港" * 85, None), ("-c++ (1)", "-c++ (1)"), ("a/b", None), (".a", None)],
)
def test_a_new_article_of_the_admin_has_a_name_that_a_file_can_have(stem, stored):
    article = make_article()
    article = Article(**{field: getattr(article, field) for field in ("source", "provider", "published_at", "title")})
    article.stem = stem

    if stored is None:
        with pytest.raises(ValidationError):
            article.full_clean()
    else:
        article.full_clean()
        assert article.stem == stored


def zip_named(path, raw, flags=0, extra=b""):
    """Write a zip whose members have these names as bytes."""
    local, central = b"", b""
    data = b"x"
    for name in raw:
        fields = struct.pack("<HHHHIIIHH", flags, 0, 0, 0x21, zlib.crc32(data), 1, 1, len(name), len(extra))
        central += b"PK\1\2" + struct.pack("<HH", 20, 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(local))
        central += name + extra
        local += b"PK\3\4" + struct.pack("<H", 20) + fields + name + extra + data
    count = len(raw)
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)
    path.write_bytes(local + central + end)
    assert zipfile.ZipFile(path).testzip() is None
    return path


def unicode_path(raw, name):
    value = b"\1" + zlib.crc32(raw).to_bytes(4, "little") + name.encode()
    return b"UT\5\0\3aaaa" + struct.pack("<HH", 0x7075, len(value)) + value


WORDS = ["café", "новости", "समाचार", "ελληνικά", "日本語", "ñ", "ø-å", "plain"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("flags", [0, 0x800])
def test_names_in_a_zip_are_utf_8_with_and_without_its_flag(tmp_path, word, flags):
    (file,) = find(str(zip_named(tmp_path / "x.zip", [f"s/_news/{word}.md".encode()], flags)))

    assert (file.source, file.name) == ("s", word)


@pytest.mark.parametrize("word", WORDS)
def test_names_in_a_zip_are_read_from_the_field_of_info_zip(tmp_path, word):
    raw = f"s/_news/{word}.md".encode("ascii", "replace")
    extra = unicode_path(raw, f"s/_news/{word}.md")

    (file,) = find(str(zip_named(tmp_path / "x.zip", [raw], extra=extra)))

    assert file.name == word


def test_a_field_of_info_zip_for_another_name_is_not_used(tmp_path):
    extra = unicode_path(b"s/_news/old.md", "s/_news/other.md")

    (file,) = find(str(zip_named(tmp_path / "x.zip", [b"s/_news/new.md"], extra=extra)))

    assert file.name == "new"


@pytest.mark.parametrize(
    ("word", "encoding"),
    [("café", "cp1252"), ("café", "cp437"), ("новости", "cp866"), ("новости", "koi8-r"), ("日本語", "shift-jis"),
     ("新聞", "gbk"), ("ελληνικά", "cp737"), ("ø", "latin-1")],
)  # fmt: skip
@pytest.mark.parametrize("place", ["s/_news/{}.md", "{}/_news/a.md"])
def test_names_in_another_code_page_are_told_with_the_archive(tmp_path, word, encoding, place):
    raw = place.format(word).encode(encoding)

    (told,) = find(str(zip_named(tmp_path / "x.zip", [raw])))

    assert isinstance(told, Rejection)
    assert told.path.startswith(f"{tmp_path}/x.zip/")
    assert (told.key, told.hides) == ("file name", True)
    assert "expected a name in UTF-8" in told.message


@pytest.mark.parametrize(
    "name", [b"s\\_news\\a.md", b"s/_news\\a.md", b".\\s\\_news\\a.md", b"deep\\s\\_news\\a.md", b"s\\_news\\a.MD"]
)
def test_a_backslash_in_a_zip_separates_folders(tmp_path, name):
    (file,) = find(str(zip_named(tmp_path / "x.zip", [b"s\\_news\\", name])))

    assert (file.source, file.name) == ("s", "a")


@pytest.mark.attack(3)
def test_a_backslash_leads_out_of_no_archive(tmp_path):
    for told in find(str(zip_named(tmp_path / "x.zip", [b"..\\..\\_news\\a.md", b"\\_news\\b.md"]))):
        assert "found one that leaves it" in told.message


SITES = [
    "новости",
    "погода",
    "über",
    "ber",
    "uber",
    "news_1",
    "news-1",
    "新聞",
    "日報",
    "ålesund",
    "lesund",
    "🔥",
    "é",
    "e",
]


def test_folders_of_different_names_give_sites_of_different_names_or_are_told(tmp_path):
    write(tmp_path, {f"{name}/_news/opening.md": b"x" for name in SITES})
    claims = {}

    for file in find(str(tmp_path)):
        claims.setdefault(file.source, set()).add(file.folder)

    assert {name: folders for name, folders in claims.items() if len(folders) > 1} == {"news-1": {"news_1", "news-1"}}


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=60))
def test_a_sites_name_is_one_that_a_site_can_have(folder):
    name = names.source_name(folder)

    assert names.source_name(unicodedata.normalize("NFD", folder)) == name
    assert name.strip("-") == name or len(name) == 50
    assert len(name) <= 50
    assert all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in name)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("owner-site-1a2b3c4", "owner-site"),
        ("owner-site-0123abc", "owner-site"),
        ("site-" + "1a" * 20, "site"),
        ("site-main", "site-main"),
        ("site-2024001", "site-2024001"),
        ("island-effaced", "island-effaced"),
        ("1a2b3c4", "1a2b3c4"),
        ("site-1a2b3c4d", "site-1a2b3c4d"),
    ],
)
def test_snapshots_of_a_repository_are_one_site(folder, name):
    assert names.source_name(folder) == name


@pytest.mark.parametrize("name", ["owner-site-1a2b3c4.tar.gz", "owner-site-5d6e7f8.zip"])
def test_an_archive_that_is_a_snapshot_gives_the_site_of_its_repository(tmp_path, name):
    (file,) = find(str(archive(tmp_path / name, {"_news/a.md": b"x"})))

    assert isinstance(file, FoundFile)
    assert file.source == "owner-site"


@pytest.mark.parametrize(
    "titles",
    [("新聞", "日報"), ("Новости", "Погода"), ("समाचार", "खबर"), ("???", "!!!"), ("新聞 2", "日報 2"), ("🔥", "💧"),
     ("Straße", "Strae")],
)  # fmt: skip
def test_documents_of_different_titles_have_different_stems(titles):
    one, two = (addresses.stem(title, datetime(2024, 3, 5, tzinfo=UTC)) for title in titles)

    assert one != two
    assert one.startswith("2024-03-05-")
    assert names.stem_problem(one) is None
