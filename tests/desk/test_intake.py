"""Import at the desk: what is sent is kept, checked, imported and deleted, by the same code as the command's."""

import io
import tarfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from articles.models import Article, Conflict, ImportRun, Mark, Upload
from articles.sync import uploads
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
