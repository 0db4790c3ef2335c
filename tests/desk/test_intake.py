"""Import at the desk: what is sent is kept, checked, imported and deleted, by the same code as the command's."""

import io
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from articles.models import Article, Conflict, ImportRun, Mark, Upload
from articles.sync import selection, uploads
from articles.sync.importer import import_files
from tests.factories import make_file

pytestmark = pytest.mark.django_db
IMPORT = "/admin/desk/import/"


@pytest.fixture(autouse=True)
def at_once(settings, tmp_path, monkeypatch):
    """Keep what is sent in a folder of the test, and let the process end before its page is seen."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(uploads, "spawn", lambda upload: call_command("import_upload", str(upload.pk)))


def file(name, content):
    return SimpleUploadedFile(name, content)


def article(stem, **fields):
    return file(f"{stem}.md", make_file(stem, **fields).data)


def archive(folder, **files):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(f"{folder}/_news/{name}.md")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def sent(desk, *files, **fields):
    """Send a form and return the page of its upload, as the process left it."""
    response = desk.post(IMPORT, {"files": list(files), **fields}, follow=True)
    assert response.status_code == 200, response
    return response


def apply(desk, upload):
    response = desk.post(f"{IMPORT}{upload.pk}/", {"do": "apply"}, follow=True)
    upload.refresh_from_db()
    return response


def on_disk(settings):
    root = Path(settings.MEDIA_ROOT, "uploads")
    return sorted(path.name for path in root.rglob("*") if path.is_file() and path.name != "progress")


def test_a_dry_run_tells_what_would_happen_and_changes_nothing_and_applying_does_it(desk, settings):
    import_files([make_file("known"), make_file("same"), make_file("edited")])
    Article.objects.filter(stem="edited").update(title="The editor's")
    files = {
        "known": make_file("known", title="The file's new one").data,
        "same": make_file("same").data,
        "edited": make_file("edited", title="The file's").data,
        "new": make_file("new", title="Ferry <b>found</b>").data,
        "bad": b"---\ntitle: 1\n",
    }
    page = sent(desk, file("harbour.tar.gz", archive("harbour", **files)))
    upload, text = Upload.objects.get(), page.content.decode()
    counts = {name: upload.report[name] for name in ("created", "updated", "unchanged", "conflicts")}

    assert (counts, upload.state) == ({"created": 1, "updated": 2, "unchanged": 1, "conflicts": 1}, "checked")
    assert [one["path"] for one in upload.report["rejected"]] == ["harbour.tar.gz/harbour/_news/bad.md"]
    assert "Ferry &lt;b&gt;found&lt;/b&gt;" in text
    assert f"/admin/articles/article/{Article.objects.get(stem='known').pk}/change/" in text
    assert Article.objects.filter(stem="new").exists() is False
    assert not Conflict.objects.exists()
    assert on_disk(settings) == ["harbour.tar.gz"]

    page = apply(desk, upload).content.decode()
    run = ImportRun.objects.get(pk=upload.run_id)
    assert (upload.state, run.created, run.who) == ("done", 1, f"ed at the desk, upload {upload.pk}")
    assert Article.objects.get(stem="edited").title == "The editor's"
    assert Conflict.objects.open().count() == 1
    assert Mark.objects.get(article__stem="new").state == "new"
    assert f"mark=all&amp;run={run.pk}" in page
    assert f"/admin/articles/importrun/{run.pk}/change/" in page
    assert on_disk(settings) == []


def test_bad_files_never_lose_good_ones_and_names_that_cannot_be_are_told(desk, settings):
    evil = io.BytesIO()
    with tarfile.open(fileobj=evil, mode="w") as tar:
        link = tarfile.TarInfo("site/_news/link.md")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        leaves = tarfile.TarInfo("../../_news/out.md")
        tar.addfile(leaves, io.BytesIO())
    bad = [
        file("broken.zip", b"PK\3\4 and no more"),
        file("evil.tar", evil.getvalue()),
        file("empty.tar.gz", archive("site")),
        file("picture.md", b"\x89PNG\r\n\x1a\n"),
        file(".hidden.md", b"---\n"),
        file("index.md", b"---\n"),
        file("a\u202e.md", b"---\n"),
    ]
    page = sent(desk, *bad, article("good"), article("better"), site="", new_site="island").content.decode()
    upload = Upload.objects.get()

    assert (upload.report["created"], upload.source) == (2, "island")
    assert len({one["path"].partition("/")[0] for one in upload.report["rejected"]}) == 5
    assert all(name in page for name in (".hidden.md", "index.md: its folder"))
    apply(desk, upload)
    assert {str(path) for path in Article.objects.values_list("source__name", "stem")} == {
        "('island', 'good')", "('island', 'better')",
    }  # fmt: skip
    assert on_disk(settings) == []
    assert not list(Path(settings.MEDIA_ROOT).parent.glob("_news"))


@pytest.mark.parametrize("name", ["Island", "-x", "a b", "ä", "x" * 51, "../x"])
def test_the_name_of_a_new_site_is_checked_as_the_command_does(desk, name):
    page = desk.post(IMPORT, {"files": [article("a")], "new_site": name})

    assert page.status_code == 400
    assert "Site: expected" in page.content.decode()
    assert not Upload.objects.exists()


def test_a_file_is_sent_in_parts_and_goes_on_where_it_stopped(desk, settings, monkeypatch):
    data = archive("harbour", **{f"a{n}": make_file(f"a{n}").data for n in range(50)})
    begun = desk.post(IMPORT, {"new_site": "harbour"}, headers={"X-Desk": "1"}).json()
    asked = {"name": "harbour.tar.gz", "size": len(data)}

    def send(start, stop):
        part = SimpleUploadedFile("part", data[start:stop])
        return desk.post(begun["part"], asked | {"start": start, "part": part})

    assert send(0, 100).json() == {"received": 100}
    assert send(50, 200).json() == {"received": 100}  # it does not follow
    assert desk.get(begun["part"], asked).json() == {"received": 100}
    assert desk.get(begun["part"], asked | {"size": 7}).json() == {"received": 0}  # another file of this name
    assert send(100, len(data)).json() == {"received": len(data)}
    assert on_disk(settings) == ["harbour.tar.gz"]
    desk.post(begun["page"], {"do": "check"})
    assert Upload.objects.get().report["created"] == 50
    assert send(0, 0).json() == {"received": 0}  # what changes must be checked again
    assert "check the files first" in desk.post(begun["page"], {"do": "apply"}, follow=True).content.decode()
    monkeypatch.setattr(uploads, "MAX_BYTES", 10)
    assert (send(0, 9).status_code, send(0, 9).json()["error"][:14]) == (400, "harbour.tar.gz")


def test_a_disk_that_is_full_or_not_the_sites_keeps_nothing_and_is_told(desk, settings, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "_append", full)
        page = sent(desk, article("a")).content.decode()
    assert "No space left" in page
    Article.objects.all().delete()
    import_files([make_file("a")])
    Article.objects.get().images.create(url="https://i.example/a.png", file="pictures/gone.png")
    Path(settings.MEDIA_ROOT, "newsroom-media.txt").unlink(missing_ok=True)
    assert "is its volume mounted?" in sent(desk, article("b")).content.decode()
    assert on_disk(settings) == []


def test_an_import_that_fails_or_is_killed_is_told_and_goes_on(desk, settings, monkeypatch):
    sent(desk, article("a"), article("b"))
    upload = Upload.objects.get()
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "spawn", lambda upload: None)  # it is killed before it does anything
        apply(desk, upload)
    assert upload.state == "importing"
    assert "hx-trigger" in desk.get(f"{IMPORT}{upload.pk}/").content.decode()
    later = timezone.now() - timedelta(minutes=1)
    Upload.objects.filter(pk=upload.pk).update(at=later)
    assert "was interrupted" in desk.get(f"{IMPORT}{upload.pk}/").content.decode()
    assert desk.get(f"{IMPORT}{upload.pk}/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    def fails(*arguments, **options):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "import_files", fails)
        with pytest.raises(CommandError, match="no room"):
            apply(desk, upload)
    upload.refresh_from_db()
    assert (upload.state, on_disk(settings)) == ("failed", ["a.md", "b.md"])
    assert "No space left" in desk.get(f"{IMPORT}{upload.pk}/").content.decode()
    desk.post(f"{IMPORT}{upload.pk}/", {"do": "check"})
    apply(desk, upload)
    assert (upload.state, Article.objects.count()) == ("done", 2)


def test_what_nobody_imports_is_deleted_after_a_day_and_at_once_if_it_is_thrown_away(desk, settings):
    for stem in ("old", "new", "away"):
        sent(desk, article(stem))
    old, _new, away = Upload.objects.order_by("pk")
    Upload.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(hours=25))
    stray = Path(settings.MEDIA_ROOT, "uploads", "99", "files")
    stray.mkdir(parents=True)
    (stray / "stray.md").write_text("x")
    desk.post(f"{IMPORT}{away.pk}/", {"do": "throw_away"})
    call_command("tend", no_progress=True)

    assert on_disk(settings) == ["new.md"]
    assert Upload.objects.count() == 1
    assert desk.get(f"{IMPORT}{old.pk}/").status_code == 404


def test_import_takes_the_right_to_add_imports_and_few_queries(
    desk, client, django_user_model, django_assert_max_num_queries
):
    sent(desk, article("a"))
    upload = Upload.objects.get()
    other = django_user_model.objects.create_user("other", is_staff=True)
    client.force_login(other)
    for address in (IMPORT, f"{IMPORT}{upload.pk}/", f"{IMPORT}{upload.pk}/part/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"do": "apply", "files": [article("b")]}).status_code == 403
    for address in (IMPORT, f"{IMPORT}{upload.pk}/"):
        with django_assert_max_num_queries(15):
            assert desk.get(address).status_code == 200


# Export


def unpacked(response):
    with tarfile.open(fileobj=io.BytesIO(b"".join(response.streaming_content))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def test_a_selection_is_exported_as_the_command_writes_it_with_what_is_secured_only_for_who_may_see_it(desk, editor):
    said = [
        make_file("a"),
        make_file("b", crlf=True),
        make_file("c", secured=None, title="Harbour secured"),
        make_file("d"),
    ]
    import_files(said)
    import_files([make_file("e", source="island")])
    ids = list(Article.objects.exclude(stem="d").values_list("pk", flat=True))
    action = {"action": "export", "_selected_action": ids}
    listed = "/admin/articles/article/"
    places = ["harbour/_news/a.md", "harbour/_news/b.md", "harbour/_news/c.md", "island/_news/e.md"]

    found = unpacked(desk.post(listed, action))
    assert list(found) == places
    assert not any(b"opaque" in data or b"\nsecured:" in data for data in found.values())
    assert found["harbour/_news/c.md"] == said[2].data
    assert found["harbour/_news/a.md"] == said[0].data.replace(b'\nsecured: "opaque;text"\n', b"\n")
    triage = unpacked(desk.get("/admin/desk/export/?mark=all&site=island"))
    assert list(triage) == ["island/_news/e.md"]

    editor.user_permissions.add(Permission.objects.get(codename="view_secured"))
    found = unpacked(desk.post(listed, action))
    assert [found[place] for place in places[:3]] == [file.data for file in said[:3]]


def test_an_export_that_is_too_large_or_empty_is_refused_with_what_to_do(desk, new_articles, monkeypatch):
    monkeypatch.setattr(selection, "MOST", 2)
    page = desk.get("/admin/desk/export/?mark=new", follow=True).content.decode()
    assert "choose at most 2 articles" in page
    assert "nothing here to export" in desk.get("/admin/desk/export/?mark=later", follow=True).content.decode()
    ids = [article.pk for article in new_articles]
    listed = desk.post("/admin/articles/article/", {"action": "export", "_selected_action": ids}, follow=True)
    assert "choose at most 2 articles" in listed.content.decode()
