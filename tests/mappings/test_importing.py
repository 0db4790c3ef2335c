"""Files of other programs in imports and exports: merged, told, and kept."""

import io

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Conflict, ImportedFile, Mapping
from tests.admin.forms import change
from tests.mappings.runs import NAME, POST, TABLE, export, load
from tests.sync.sites import archive, write

pytestmark = pytest.mark.django_db


def test_a_change_of_the_file_and_an_edit_of_another_key_both_count(blog, admin_client):
    load(blog)
    change(admin_client, Article.objects.get(), title="Edited")
    (blog / NAME).write_bytes(POST.replace(b"Body *one*.", b"Other words."))

    load(blog)

    article = Article.objects.get()
    assert (article.title, article.excerpt) == ("Edited", "Other words.")
    export(blog)
    assert (blog / NAME).read_bytes() == POST.replace(b"title: One", b"title: Edited").replace(
        b"Body *one*.", b"Other words."
    )


def test_a_key_that_both_sides_changed_is_a_conflict(blog, admin_client):
    load(blog)
    change(admin_client, Article.objects.get(), title="Ours")
    (blog / NAME).write_bytes(POST.replace(b"One", b"Theirs"))

    report, _ = load(blog)

    assert report["conflicts"] == 1
    conflict = Conflict.objects.get()
    assert (conflict.base, conflict.ours, conflict.theirs) == ("One", "Ours", "Theirs")


def test_a_change_of_the_body_alone_is_kept(blog):
    load(blog)
    (blog / NAME).write_bytes(POST + b"\nMore of it.\n")

    report, _ = load(blog)
    export(blog)

    assert (report["unchanged"], report["rejected"]) == (1, [])
    assert (blog / NAME).read_bytes() == POST + b"\nMore of it.\n"


def test_a_changed_mapping_is_a_change_of_the_file(blog, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text('files: ["_posts/*.md"]\nkeys:\n  title: title\n  link: webUrl\nbody: keep\n')
    load(blog, mine)
    assert Article.objects.get().excerpt == ""
    mine.write_text(mine.read_text().replace("keep", "excerpt"))

    report, _ = load(blog, mine)

    assert (report["updated"], Article.objects.get().excerpt) == (1, "Body one.")
    assert Mapping.objects.count() == 2


def test_an_edit_without_a_key_is_told_and_kept_here(blog, tmp_path, admin_client):
    mine = tmp_path / "mine.yaml"
    mine.write_text('files: ["_posts/*.md"]\nkeys:\n  title: title\n  link: webUrl\nbody: keep\n')
    load(blog, mine)
    change(admin_client, Article.objects.get(), excerpt="Mine")

    err = export(blog)
    report, _ = load(blog, mine)

    assert "2024-01-02-one.md: excerpt: 'Mine' could not be written: the mapping names no key for it" in err
    assert (blog / NAME).read_bytes() == POST
    assert (report["unchanged"], Article.objects.get().excerpt) == (1, "Mine")


def test_what_is_odd_in_an_optional_key_is_told_and_costs_nothing(blog, table):
    (blog / NAME).write_bytes(POST.replace(b"https://www.a.example/1", b"/about"))
    (table / "links.csv").write_bytes(TABLE.replace(b"https://b.example/2", b"b.example"))

    report, err = load(blog)
    rows, rows_err = load(table, "csv")

    assert (report["created"], report["rejected"], rows["created"], rows["rejected"]) == (1, [], 2, [])
    assert "one.md:4: link: expected an address that starts with http:// or https://, found '/about'; left out" in err
    assert "links.csv:3: link: expected an address" in rows_err


def test_a_body_that_is_only_kept_is_told_if_the_mapping_asks_for_it(blog, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text('files: ["_posts/*.md"]\nkeys:\n  title: title\n  link: webUrl\nbody: warn\n')

    report, err = load(blog, mine)

    assert (report["created"], report["rejected"]) == (1, [])
    assert "one.md:7: body: expected no body, found one; it is kept, not shown" in err


@pytest.mark.parametrize("path", ["blog", "blog/_posts", f"blog/{NAME}"])
def test_a_place_is_the_same_whichever_part_of_the_folder_is_named(path, tmp_path):
    write(tmp_path / "blog", {NAME: POST})
    load(tmp_path / path)

    export(tmp_path / "out")

    assert (tmp_path / "out" / NAME).read_bytes() == POST


@pytest.mark.parametrize("name", ["blog.tar.gz", "blog.zip", "blog.tar"])
@pytest.mark.parametrize("prefix", ["", "blog-main/"])
def test_an_archive_is_read_by_a_mapping(name, prefix, tmp_path):
    packed = archive(
        tmp_path / name, {f"{prefix}{NAME}": POST, f"{prefix}README.md": b"No post.", "../_posts/x.md": POST}
    )

    report, err = load(packed)

    assert (report["created"], len(report["rejected"])) == (1, 1)
    assert "found one that leaves it" in err
    article = Article.objects.get()
    assert (article.source.name, article.file.place) == ("blog", NAME)


def test_two_posts_of_one_name_are_told_apart_or_told(tmp_path):
    files = {"content/2022/fair.md": POST, "content/2023/fair.md": POST, "content/2023/fair/index.md": POST}
    blog = write(tmp_path / "blog", files)
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        'files: ["content/**/*.md"]\nkeys:\n  title: title\nconstants:\n  publishedDateTime: "2024-01-02T00:00:00Z"\n'
        "  provider.domain: a.example\nstem: path\n"
    )

    report, _ = load(blog, mine)

    assert report["created"] == 2
    assert set(Article.objects.values_list("stem", flat=True)) == {"2022-fair", "2023-fair"}
    assert [rejected["key"] for rejected in report["rejected"]] == ["stem"]


def test_a_link_in_the_folder_is_not_followed(blog, tmp_path):
    (blog / "_posts/2024-01-03-two.md").symlink_to(tmp_path / "elsewhere.md")
    (tmp_path / "elsewhere.md").write_bytes(POST)

    report, err = load(blog)

    assert (report["created"], len(report["rejected"])) == (1, 1)
    assert "found a symbolic link" in err


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("none.yaml", None, "--map: expected a file or one of csv, hugo, jekyll, pelican, found "),
        ("bad.yaml", "files: x\n", "bad.yaml:1: files: expected a list, found 'x'"),
        ("bad.yaml", 'files: ["*"]\nkeys:\n  a: when\n', "bad.yaml:3: keys.a: expected one of title"),
    ],
)
def test_a_mapping_that_cannot_be_read_ends_the_import_with_one_sentence(blog, tmp_path, name, text, message):
    if text:
        (tmp_path / name).write_text(text)

    with pytest.raises(CommandError) as caught:
        load(blog, tmp_path / name)

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_file_at_the_mappings_places_is_told(tmp_path):
    write(tmp_path / "blog", {"a.md": POST})

    with pytest.raises(CommandError, match="expected files at the mapping's places"):
        load(tmp_path / "blog")


def test_a_post_that_is_read_without_a_mapping_gets_a_hint(blog):
    err = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("import_articles", str(blog), stdout=io.StringIO(), stderr=err)

    assert "import it with --map, which reads files with a body" in err.getvalue()


def test_a_text_that_the_mapping_leaves_out_is_told(blog):
    write(blog, {"_posts/a.rst": b"x", "_posts/b.txt": b"y", "_posts/c.png": b"z", "about.md": b"no post"})

    report, err = load(blog)

    assert (report["created"], report["rejected"]) == (1, [])
    assert "left out 2: _posts/a.rst, _posts/b.txt" in err


def test_a_pruning_import_of_our_own_files_leaves_those_of_another_program(blog, tmp_path):
    load(blog)
    matter = b"title: x\npublishedDateTime: 2024-01-01T00:00:00Z\nprovider: {domain: a.example}\n"
    ours = write(tmp_path / "blog2", {"_news/a.md": b"---\n" + matter + b"---\n"})

    call_command("import_articles", str(ours), "--source", "blog", "--prune", stdout=io.StringIO())

    assert Article.objects.filter(removed=False).count() == 2
    with pytest.raises(CommandError, match="--prune: expected folders or archives of whole sources, found '--map'"):
        load(blog, "jekyll", "--prune")


def test_a_stored_file_that_cannot_be_read_any_more_does_not_stop_an_export(blog, tmp_path, admin_client):
    write(blog, {"_posts/2024-01-03-two.md": POST.replace(b"One", b"Two")})
    load(blog)
    ImportedFile.objects.filter(article__title="One").update(text="broken")
    change(admin_client, Article.objects.get(title="Two"), title="Edited")

    err = export(tmp_path / "out")

    assert "cannot be read any more: 1: expected a line ---" in err
    assert b"title: Edited" in (tmp_path / "out/_posts/2024-01-03-two.md").read_bytes()


def test_an_export_makes_no_folder_that_it_does_not_need(blog, tmp_path):
    load(blog)

    export(tmp_path / "out")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["_posts"]


def test_an_export_follows_no_folder_that_leads_out(blog, tmp_path):
    load(blog)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/_posts").symlink_to(tmp_path / "elsewhere")
    err = io.StringIO()

    with pytest.raises(SystemExit):
        call_command("export_articles", str(tmp_path / "out"), stdout=io.StringIO(), stderr=err)

    assert "one.md: expected a folder within the exported one, found a link to" in err.getvalue()
    assert list((tmp_path / "elsewhere").iterdir()) == []
