"""Records of imports and conflicts in the admin."""

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from articles.frontmatter import Kind
from articles.models import (
    Article,
    Conflict,
    DeletedArticle,
    ImportRun,
)
from articles.sync.found import FileWarning, FoundFile
from articles.sync.importer import import_files
from tests.admin.forms import change
from tests.factories import (
    make_article,
    make_file,
)

pytestmark = pytest.mark.django_db
RECORDS = ["importrun", "conflict", "deletedarticle"]


def take(client, conflict, choice):
    return client.post(reverse("admin:articles_conflict_change", args=[conflict.pk]), {"take": choice})


@pytest.mark.parametrize("model", RECORDS)
def test_records_of_imports_can_be_viewed_but_not_edited(editor_client, conflict, model):
    Article.objects.all().delete() if model == "deletedarticle" else None
    row = {"importrun": ImportRun, "conflict": Conflict, "deletedarticle": DeletedArticle}[model].objects.first()

    assert editor_client.get(reverse(f"admin:articles_{model}_changelist"), {"q": "x"}).status_code == 200
    assert editor_client.get(reverse(f"admin:articles_{model}_change", args=[row.pk])).status_code == 200
    assert editor_client.get(reverse(f"admin:articles_{model}_add")).status_code == 403


def test_an_import_record_lists_its_rejected_files(editor_client):
    import_files([make_file("a"), FoundFile("_news/bad.md", Kind.ARTICLE, "harbour", "bad", b"---\ntitle: [1]\n---\n")])

    page = editor_client.get(reverse("admin:articles_importrun_change", args=[ImportRun.objects.get().pk]))

    text = page.content.decode()
    assert "_news/bad.md" in text
    assert "expected a single value, found" in text


def test_an_import_record_lists_its_warnings_and_what_it_retired(editor_client):
    import_files([make_file("a"), make_file("b")])
    warning = FileWarning("_news/a.md", "expected something else, found <this>", 7, "images")
    import_files(iter([make_file("a"), warning]), is_whole=True, prune=1)
    run = ImportRun.objects.first()

    listed = editor_client.get(reverse("admin:articles_importrun_changelist")).content.decode()
    text = editor_client.get(reverse("admin:articles_importrun_change", args=[run.pk])).content.decode()

    assert '<td class="field-odd">1</td>' in listed
    assert "expected something else, found &lt;this&gt;" in text
    assert "harbour/_news/b.md" in text


def test_only_a_superuser_may_delete_import_records(editor_client, admin_client, conflict):
    address = reverse("admin:articles_importrun_delete", args=[ImportRun.objects.first().pk])

    assert editor_client.post(address, {"post": "yes"}).status_code == 403


def test_a_conflict_shows_the_three_values(editor_client, conflict):
    page = editor_client.get(reverse("admin:articles_conflict_change", args=[conflict.pk])).content.decode()

    for heading in ("Original value", "Editor&#x27;s value", "File&#x27;s value"):
        assert heading in page


@pytest.mark.parametrize(("choice", "title"), [("ours", "The editor's"), ("theirs", "The file's"), ("base", "Before")])
def test_an_editor_resolves_a_conflict_with_one_of_its_values(editor_client, conflict, choice, title):
    take(editor_client, conflict, choice)

    conflict.refresh_from_db()
    assert Article.objects.get().title == title
    assert (conflict.taken, conflict.resolved_by.username) == (choice, "ed")


@pytest.mark.parametrize(("choice", "title"), [("ours", "The editor's"), ("theirs", "Newest")])
def test_a_resolved_conflict_returns_only_if_the_file_changes_again(editor_client, conflict, choice, title):
    take(editor_client, conflict, choice)

    again = import_files([make_file("a", title="The file's", excerpt="Newer.")])
    import_files([make_file("a", title="Newest", excerpt="Newer.")])

    assert again.conflicts == 0
    assert Article.objects.get().title == title
    assert list(Conflict.objects.open().values_list("base", "ours", "theirs")) == (
        [("The file's", "The editor's", "Newest")] if choice == "ours" else []
    )


def test_a_conflict_without_an_earlier_file_offers_no_original_value(editor_client):
    make_article("Ours", stem="a")
    import_files([make_file("a", title="Theirs")])
    conflict = Conflict.objects.get(field="title")

    page = editor_client.get(reverse("admin:articles_conflict_change", args=[conflict.pk]))
    take(editor_client, conflict, "base")

    assert [choice for choice, _ in page.context["choices"]] == ["ours", "theirs"]
    assert Article.objects.get().title == "Ours"


def test_a_resolved_conflict_cannot_be_resolved_again(editor_client, conflict):
    take(editor_client, conflict, "ours")

    address = reverse("admin:articles_conflict_change", args=[conflict.pk])
    page = editor_client.post(address, {"take": "theirs"}, follow=True).content.decode()

    assert "it was resolved before, and took the editor&#x27;s" in page
    assert "used the file" not in page
    assert Article.objects.get().title == "The editor's"


def test_conflicts_can_be_resolved_in_the_list(editor_client, conflict):
    data = {"action": "take_theirs", "_selected_action": [conflict.pk]}

    editor_client.post(reverse("admin:articles_conflict_changelist"), data)

    assert Article.objects.get().title == "The file's"


def test_resolving_a_conflict_needs_the_permission_to_change_it(editor_client, conflict):
    user = User.objects.get()
    user.user_permissions.remove(Permission.objects.get(codename="change_conflict"))

    assert take(editor_client, conflict, "theirs").status_code == 403
    assert Article.objects.get().title == "The editor's"


def test_typing_the_files_value_resolves_the_conflict(editor_client, conflict):
    change(editor_client, Article.objects.get(), title="The file's")

    conflict.refresh_from_db()
    assert conflict.taken == "theirs"
