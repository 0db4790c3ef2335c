"""Values that only some of the source's sites have: read, and written back to the byte."""

import pytest

from articles.models import Article, Boost, Source
from articles.ranking import scoring
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_file, make_related, make_story_files, make_topic

pytestmark = pytest.mark.django_db


def exported(stem):
    return dict(exporter.files(Source.objects.get(name="harbour")))[stem].decode()


WIDE = {
    "an absent topic": {"topics": ["Harbour", None, "Fog"]},
    "only an absent topic": {"topics": [None]},
    "tags": {"tags": ["US", "US-HI", "GB"]},
    "topics and tags of one name": {"topics": ["US"], "tags": ["US"]},
    "a logo of the site's own": {
        "provider": {"name": "A", "domain": "a.example", "images": [{"url": "/assets/a-50x50.jpg", "width": 50}]}
    },
    "an image of the site's own": {"images": [{"url": "/assets/a.jpg"}, {"url": "assets/b.jpg"}]},
    "an outlet with a path": {"provider": {"name": "A", "domain": "a.example/us/live/x?_amp=true&y=1"}},
    "an outlet with a port": {"provider": {"name": "A", "domain": "a.example:8080"}},
    "an outlet without a name": {"provider": {"domain": "a.example"}},
    "a long address": {"web_url": "https://a.example/" + "x" * 432},
    "a long address of an image": {"images": [{"url": "https://i.example/" + "x" * 551}]},
    "a long list": {"related": [make_related(f"r{n}") | {"excerpt": "x" * 2000} for n in range(110)]},
    "a word that looks like nothing": {"topics": ["null", "~"], "provider": {"name": "null", "domain": "a.example"}},
}


@pytest.mark.parametrize("values", WIDE.values(), ids=WIDE)
def test_a_wide_value_is_written_back_to_the_byte(values):
    file = make_file("a", **values)

    first, second = import_files([file]), import_files([make_file("a", **values)])

    assert (first.created, second.unchanged, first.rejected) == (1, 1, [])
    assert exported("a") == file.data.decode()


@pytest.mark.parametrize("values", WIDE.values(), ids=WIDE)
def test_an_edit_beside_a_wide_value_changes_only_its_own_line(values):
    file = make_file("a", **values)
    import_files([file])
    Article.objects.update(title="Edited", excerpt="")

    lines = set(exported("a").splitlines()) ^ set(file.data.decode().splitlines())

    assert {line.partition(":")[0] for line in lines} <= {"title", "excerpt"}


@pytest.mark.parametrize("control", ["\x97", "\x07", "\x1b", "\x0b", "\x7f", "\x9d"])
def test_a_raw_control_character_is_written_back_to_the_byte(control):
    file = make_file("a", title="Tide - high")
    file.data = file.data.replace(b" - ", control.encode())

    assert import_files([file]).created == 1
    assert Article.objects.get().title == f"Tide{control}high"
    assert exported("a") == file.data.decode()

    Article.objects.update(excerpt="Edited")
    assert exported("a") == file.data.decode().replace('excerpt: ""', 'excerpt: "Edited"')


def test_a_stem_may_be_long():
    file = make_file("x" * 179)

    assert import_files([file]).created == 1
    assert exported("x" * 179) == file.data.decode()


def test_an_absent_topic_makes_no_topic():
    import_files([make_file("a", topics=["Harbour", None, "Fog"], tags=["US"])])
    article = Article.objects.get()

    assert [topic.name for topic in article.topics.all()] == ["Harbour", "Fog"]
    assert article.extra == {"topics": [1]}


def test_an_edit_of_topics_keeps_the_place_of_an_absent_one():
    import_files([make_file("a", topics=[None, "Harbour", None])])
    Article.objects.get().topics.add(make_topic("Fog"))

    assert "topics:\n  - \n  - Harbour\n  - \n  - Fog\n" in exported("a")


BIG = 10**12


@pytest.mark.parametrize("heat", [BIG, -BIG, -(2**31), 2**31, -1])
def test_scores_have_room_for_the_largest_figures(heat):
    files = make_story_files("a", "b", quality=BIG, heat=heat)

    assert import_files([*files, make_file("c")]).rejected == []
    Boost.objects.create(article=Article.objects.get(stem="c"), points=2**31 - 1)
    scoring.rescore()

    assert min(Article.objects.get(stem="a").hot_score, Article.objects.get(stem="a").quality_score) >= BIG


@pytest.mark.parametrize("quality", [BIG + 1, 2**53, 2**63 - 1, 2**63, 10**29, 10**40])
@pytest.mark.parametrize("key", ["quality", "heat"])
def test_a_figure_without_room_for_scores_is_told_and_the_other_files_are_in(key, quality):
    wrong = make_file("a")
    wrong.data = wrong.data.replace(f"{key}: 60\n".encode(), f"{key}: {quality}\n".encode())

    report = import_files([wrong, make_file("b"), make_file("c")])

    assert report.created == 2
    (rejection,) = report.rejected
    assert (rejection.key, rejection.line) == (key, 8 if key == "quality" else 9)
    assert f"to {BIG}, found '{quality}'" in rejection.message


@pytest.mark.attack(2)
@pytest.mark.parametrize("letter", ["x", "é", "漢", "😀", "\u0301x"])
def test_values_of_the_largest_size_are_stored_and_longer_ones_are_told_with_their_key(letter):
    def of(length):
        return (letter * length)[:length]

    address = "https://a.example/"
    url = address + letter * ((2048 - len(address)) // len(letter.encode()))
    related = make_related("r") | {
        "title": of(500),
        "excerpt": of(20_000),
        "web_url": url + "x"[: 2048 - len(url.encode())],
    }
    video = make_related("v") | {"title": of(500)}
    del video["web_url"]
    largest = {
        "title": of(500),
        "excerpt": of(20_000),
        "web_url": url,
        "original_url": url,
        "provider": {"name": of(255), "domain": of(249) + ".org"},
        "topics": [of(100)],
        "tags": [of(100)],
        "images": [{"url": url, "title": of(500), "attribution": of(500)}],
        "secured": of(100_000),
    }
    longer = {"title": of(501), "excerpt": of(20_001), "web_url": url + letter, "secured": of(100_001)}
    file = make_file("a", **largest, related=[related, video])

    report = import_files([file, make_file("n" * 252), *(make_file(name, **{name: longer[name]}) for name in longer)])

    assert {r.path.removeprefix("_news/").removesuffix(".md"): r.key for r in report.rejected} == {
        "title": "title", "excerpt": "excerpt", "web_url": "webUrl", "secured": "secured",
    }  # fmt: skip
    assert [w.message for w in report.warnings if "left out" in w.message] == []
    assert report.created == 2
    assert exported("a") == file.data.decode()
