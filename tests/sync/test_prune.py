"""Articles whose files are gone from their site: counted, and retired by --prune."""

import json

import pytest
from django.core.management import CommandError

from articles.models import Article, Change, ImportedFile, ImportRun, Source, Story
from articles.sync.exporter import files as exported
from articles.sync.score_check import deviations
from tests.factories import make_article, make_file, make_related, make_story_files
from tests.sync.sites import archive, run, write

pytestmark = pytest.mark.django_db


def put(folder, *files):
    """Make a site of these files only."""
    for path in (folder / "harbour" / "_news").glob("*"):
        path.unlink()
    return write(folder, {f"harbour/_news/{file.name}.md": file.data for file in files}) / "harbour"


def published(name, **values):
    return make_file(name, published=True, quality=80, heat=80, **values)


A, B = published("a"), published("b")


def public():
    return [article.stem for article in Article.objects.published().order_by("stem")]


@pytest.fixture
def site(tmp_path):
    """A site that was imported with two articles, and lost one since."""
    run(put(tmp_path, A, B))
    return put(tmp_path, A)


def test_an_import_counts_the_files_that_are_gone_and_changes_nothing(site, tmp_path):
    result = run(site, "--report", tmp_path / "report.json")

    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["gone"], report["retired"], result.code) == (1, 0, 0)
    assert ", 1 gone;" in result.out
    assert public() == ["a", "b"]


def test_a_pruning_import_retires_what_is_gone_and_says_so(site, client):
    result = run(site, "--prune")

    assert result.code == 0
    assert result.out.splitlines()[0] == "harbour/_news/b.md: retired, its file is gone"
    assert ", 1 gone, 1 retired;" in result.out
    assert public() == ["a"]
    retired = Article.objects.get(stem="b")
    assert (retired.removed, retired.published) == (True, False)
    assert client.get(retired.get_absolute_url()).status_code in (404, 410)
    assert ImportRun.objects.first().retired == ["harbour/_news/b.md"]
    assert Change.objects.get(article=retired, by_import=True).deltas.keys() == {"removed", "published"}


def test_a_retired_article_is_no_deviation_from_the_rules(site):
    run(site, "--prune")

    assert list(deviations(Source.objects.get())) == []


def test_what_was_retired_is_not_told_again(site):
    run(site, "--prune")

    result = run(site, "--prune")

    assert "gone" not in result.out
    assert Change.objects.count() == 1


def test_a_dry_run_says_what_it_would_retire_and_keeps_it(site):
    result = run(site, "--prune", "--dry-run")

    assert "harbour/_news/b.md: retired, its file is gone" in result.out
    assert public() == ["a", "b"]
    assert not ImportedFile.objects.exclude(gone_at=None).exists()


@pytest.mark.parametrize("returned", [B, published("b", title="New")], ids=["same", "changed"])
def test_a_file_that_comes_back_is_public_again(site, returned):
    run(site, "--prune")

    result = run(put(site.parent, A, returned))

    assert result.out.startswith("0 created, 1 updated, 1 unchanged")
    assert public() == ["a", "b"]
    assert ImportedFile.objects.filter(gone_at=None).count() == 2
    assert run(site).out.startswith("0 created, 0 updated, 2 unchanged")


@pytest.mark.parametrize(
    ("ours", "after", "returned"),
    [
        ({"published": False}, (True, False), (False, False)),
        ({"removed": True}, (True, False), (True, True)),
        ({"title": "Ours"}, (True, False), (False, True)),
    ],
)
def test_what_an_editor_decided_before_stays_when_the_file_goes_and_comes_back(site, ours, after, returned):
    Article.objects.filter(stem="b").update(**ours)

    run(site, "--prune")
    article = Article.objects.get(stem="b")
    assert (article.removed, article.published) == after
    run(put(site.parent, A, B))

    article.refresh_from_db()
    assert (article.removed, article.published) == returned
    assert {name: getattr(article, name) for name in ours} == ours


def test_an_article_that_an_editor_brought_back_stays_and_is_exported(site):
    run(site, "--prune")
    article = Article.objects.get(stem="b")
    assert [stem for stem, _ in exported(article.source)] == ["a"]

    Article.objects.filter(stem="b").update(removed=False, published=True)
    run(site, "--prune")

    assert public() == ["a", "b"]
    assert dict(exported(article.source))["b"] == B.data


def test_a_deleted_article_stays_deleted(site):
    Article.objects.get(stem="b").delete()

    result = run(site, "--prune")

    assert "gone" not in result.out
    run(put(site.parent, A, B))
    assert public() == ["a"]


def test_an_article_without_a_file_is_not_retired(site, tmp_path):
    make_article(stem="written-here")

    run(site, "--prune")

    assert public() == ["a", "written-here"]


def test_another_lead_takes_over_when_the_leads_file_is_gone(tmp_path):
    files = make_story_files("a", "b", "c", published=True, quality=80, heat=80)
    run(put(tmp_path, *files))
    story = Story.objects.get()
    lead = story.lead.stem
    left = [file for file in files if file.name != lead]

    run(put(tmp_path, *left), "--prune")

    story.refresh_from_db()
    assert story.lead.stem in {file.name for file in left}


@pytest.mark.parametrize("bad", [b"no front matter", b"\x1f\x8b"])
def test_a_rejected_file_is_there(site, bad):
    (site / "_news" / "b.md").write_bytes(bad)

    result = run(site, "--prune")

    assert (result.code, "retired" in result.out) == (2, False)
    assert public() == ["a", "b"]


@pytest.mark.parametrize("name", ["x.tar", "x.zip", "x.tar.bz2"])
def test_an_archive_prunes_like_a_folder(site, tmp_path, name):
    assert run(archive(tmp_path / name, {"harbour/_news/a.md": A.data}), "--prune").code == 0

    assert public() == ["a"]


def test_a_damaged_archive_retires_nothing_and_says_so(site, tmp_path):
    path = archive(tmp_path / "x.tar", {"harbour/_news/a.md": A.data, "harbour/_news/b.md": B.data})
    path.write_bytes(path.read_bytes()[:1100])

    result = run(path, "--prune")

    assert result.code == 2
    assert "harbour:1: --prune: nothing was retired, since some files or folders could not be read" in result.err
    assert public() == ["a", "b"]


@pytest.mark.parametrize("path", ["-", "harbour/_news/a.md", "harbour/_news/2024", "harbour/_data", "a.md.gz"])
def test_pruning_by_less_than_a_site_is_refused(site, path):
    (site / "_news" / "2024").mkdir()
    (site / "_data").mkdir()
    (site.parent / "a.md.gz").write_bytes(b"\x1f\x8b")

    with pytest.raises(CommandError, match="--prune: expected folders or archives of whole sources, found"):
        run(path if path == "-" else site.parent / path, "--prune")

    assert public() == ["a", "b"]


def test_a_site_may_lie_below_a_folder_that_is_called_like_one_of_a_sites(tmp_path):
    run(put(tmp_path / "_news" / "2024", A, B))

    run(put(tmp_path / "_news" / "2024", A), "--prune")

    assert public() == ["a"]


def test_pruning_most_of_a_site_needs_the_option_twice(tmp_path):
    run(put(tmp_path, *(published(f"n{n}") for n in range(20))))
    site = put(tmp_path, *(published(f"n{n}") for n in range(9)))

    refused = run(site, "--prune")

    assert refused.code == 2
    assert "expected few files to be gone, found 11 of 20: nothing was retired" in refused.err
    assert len(public()) == 20
    assert run(site, "--prune", "--prune").code == 0
    assert len(public()) == 9


def test_other_sites_are_not_pruned(site, tmp_path):
    write(tmp_path, {"north/_news/n.md": A.data})
    run(tmp_path / "north")

    run(site, "--prune")

    assert Article.objects.published().filter(source__name="north").count() == 1


def test_several_parts_of_a_site_are_pruned_as_one(site, tmp_path):
    write(tmp_path, {"more/harbour/_news/b.md": B.data})

    result = run(site, tmp_path / "more", "--prune")

    assert "retired" not in result.out
    assert public() == ["a", "b"]


def test_a_retired_articles_list_joins_nothing_until_its_file_is_back(tmp_path):
    lists_both = published("a", related=[make_related("b", quality=10), make_related("c", quality=10)])
    others = [published("b"), published("c")]
    run(put(tmp_path, lists_both, *others))
    assert Article.objects.get(stem="b").story == Article.objects.get(stem="c").story

    run(put(tmp_path, *others), "--prune")
    assert [article.story for article in Article.objects.filter(stem__in="bc")] == [None, None]

    run(put(tmp_path, lists_both, *others))
    assert len({article.story_id for article in Article.objects.all()}) == 1
    assert not list(deviations(Source.objects.get()))
