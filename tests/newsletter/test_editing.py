"""An issue is edited before it is sent: what an editor decides stays, whatever builds it again."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from articles.models import Action, Article, Draft, Issue, IssueArticle
from articles.newsletter import issues
from articles.search import index
from articles.stories import undo
from articles.stories.restoring import UndoError
from articles.sync import exporter
from articles.sync.importer import import_files
from tests.factories import make_article, make_file, make_topic
from tests.newsletter.editions import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    user = User.objects.create_user("ed", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="articles"))
    return user


@pytest.fixture
def desk(editor):
    client = Client()
    client.force_login(editor)
    return client


@pytest.fixture
def edited():
    """An issue of three articles in two sections: B and A, the hotter one first; then C."""
    sport = make_topic("Sport", parent=make_topic("News"))
    make_article("A", heat=80, topics=[sport])
    make_article("B", heat=90, topics=[sport])
    make_article("C", heat=99)
    return build()


def address(issue):
    return f"/admin/articles/issue/{issue.pk}/edit/"


def fields(page):
    found = {}
    text = page.content.decode()
    for name, value in re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', text, re.S):
        found[name] = unescape(value)
    for name in re.findall(r'<input type="hidden" name="(initial-[^"]+)"', text):
        found[name] = found[name.removeprefix("initial-")]
    return found


def press(desk, issue, do, **typed):
    """Open the page, type, press a button, and return the page that follows."""
    sent = fields(desk.get(address(issue))) | typed | {"do": do}
    return desk.post(address(issue), sent, follow=True)


def place(title):
    return IssueArticle.objects.get(article__title=title).pk


def printed(issue):
    """The titles of an issue in the order in which both parts print them."""
    issue.refresh_from_db()
    found = re.findall(r"<h3[^>]*><a[^>]*>(.*?)</a>", issue.html)
    assert [line for line in issue.text.splitlines() if line in found] == found
    return found


def test_what_an_editor_decides_about_an_issue_stays_when_it_is_built_again(desk, edited, office):
    make_article("Late", published_at=timezone.now() - timedelta(hours=1))
    index.refresh()
    assert printed(edited) == ["B", "A", "C"]
    press(desk, edited, f"top-{place('C')}", introduction="Good <b>morning</b>\n\nAll of you")
    press(desk, edited, f"up-{place('A')}", **{f"note-{Article.objects.get(title='A').pk}-note": "Read <i>this</i>"})
    press(desk, edited, f"out-{place('B')}")
    found = press(desk, edited, "find", find="late").content.decode()
    late = Article.objects.get(title="Late")
    assert f'value="in-{late.pk}"' in found
    press(desk, edited, f"in-{late.pk}")
    for again in (lambda: issues.rebuild(edited), lambda: call_command("tend"), lambda: build(again=True)):
        again()
        assert printed(edited) == ["C", "A", "Late"]
        assert "<p>Good &lt;b&gt;morning&lt;/b&gt;</p>" in edited.html
        assert "All of you" in edited.text
        assert "<strong>Editor's note:</strong> Read &lt;i&gt;this&lt;/i&gt;" in edited.html
        assert "Editor's note: Read <i>this</i>" in edited.text

    build(send=True)
    edited.refresh_from_db()
    assert edited.state == "sent"
    before = (edited.html, list(edited.places.values_list("pk", "position")))
    assert desk.post(address(edited), {"do": f"up-{place('A')}", "introduction": "x"}).status_code == 403
    assert "<textarea" not in desk.get(address(edited)).content.decode()
    for action in Action.objects.all():
        with pytest.raises(UndoError, match="sent"):
            undo.undo(action, None)
    edited.refresh_from_db()
    assert (edited.html, list(edited.places.values_list("pk", "position"))) == before


def test_each_step_is_recorded_and_undoing_them_in_reverse_order_restores_the_issue(desk, edited, editor):
    other = make_article("Other", published_at=timezone.now() - timedelta(hours=1))
    before = printed(edited), edited.html, list(IssueArticle.objects.order_by("pk").values())
    note = {f"note-{Article.objects.get(title='C').pk}-note": "Because"}
    for do, typed in (
        ("text", {"introduction": "Hello", **note}),
        (f"down-{place('B')}", {}),
        (f"out-{place('A')}", {}),
        (f"in-{other.pk}", {}),
    ):
        page = press(desk, edited, do, **typed).content.decode()
        assert "Undo" in page
    said = list(Action.objects.order_by("pk").values_list("what", flat=True))
    assert [what.partition(": ")[2] for what in said] == [
        "introduction, note of “C”", "moved “B”", "left out “A”", "put in “Other”",
    ]  # fmt: skip
    for action in Action.objects.order_by("-pk"):
        assert desk.post(f"/admin/articles/action/{action.pk}/undo/").status_code == 302

    assert (printed(edited), edited.html) == before[:2]
    assert list(IssueArticle.objects.order_by("pk").values()) == before[2]
    assert (Article.objects.get(title="C").note, edited.introduction) == ("", "")


def test_the_second_saver_of_a_text_is_told_and_what_was_typed_is_kept(desk, edited, editor):
    opened = fields(desk.get(address(edited)))
    press(desk, edited, "text", introduction="Theirs")
    page = desk.post(address(edited), opened | {"introduction": "Ours", "do": f"out-{place('A')}"})

    edited.refresh_from_db()
    assert (edited.introduction, edited.places.count()) == ("Theirs", 3)
    assert "Take theirs" in page.content.decode()
    assert "introduction=Ours" in Draft.objects.get(user=editor, form="articles.issue.edit").values


@pytest.mark.parametrize("right", ["view_issue", "send_issue", "change_article", "delete_issue"])
def test_an_issue_is_edited_only_with_the_right_to_change_issues(edited, right):
    user = User.objects.create_user("other", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_issue", right]))
    client = Client()
    client.force_login(user)

    assert client.post(address(edited), {"do": f"out-{place('A')}", "introduction": "x"}).status_code == 403
    assert "<textarea" not in client.get(address(edited)).content.decode()
    assert edited.places.count() == 3


def test_an_article_is_not_put_in_twice_nor_unless_readers_see_it(desk, edited):
    sent = make_article("Sent")
    other = Issue.objects.create(date=date(2026, 10, 1), state="sent", sent_at=timezone.now())
    IssueArticle.objects.create(issue=other, article=sent, position=1)
    hidden = make_article("Hidden", published=False)
    for article, why in (
        (sent, "got it already"),
        (hidden, "publish it first"),
        (Article.objects.get(title="A"), "already"),
    ):
        assert why in press(desk, edited, f"in-{article.pk}").content.decode()
    assert edited.places.count() == 3


def test_a_note_is_never_taken_from_a_file_nor_written_to_one():
    import_files([make_file("a")])
    source = Article.objects.get().source
    before = list(exporter.files(source))
    Article.objects.update(note="Ours")
    import_files([make_file("a", title="New", extra={"note": "Theirs"})])

    assert Article.objects.get().note == "Ours"
    assert all(b"Ours" not in data for _, data in exporter.files(source))
    assert before != list(exporter.files(source))


def test_past_issues_are_listed_and_shown_without_what_was_removed_since(
    client, desk, edited, office, django_assert_max_num_queries
):
    assert client.get("/newsletters/2026-11-02/").status_code == 404
    press(
        desk, edited, "text", introduction="Good morning", **{f"note-{Article.objects.get(title='A').pk}-note": "Look"}
    )
    build(send=True)
    with django_assert_max_num_queries(6):
        assert "/newsletters/2026-11-02/" in client.get("/newsletters/").content.decode()
    with django_assert_max_num_queries(10):
        page = client.get("/newsletters/2026-11-02/").content.decode()
    assert all(text in page for text in ("Good morning", "Look", ">A<", ">B<", ">C<"))

    Article.objects.filter(title__in=["A", "C"]).update(removed=True)
    for shown in ("/newsletters/", "/newsletters/2026-11-02/"):
        text = client.get(shown).content.decode()
        assert ">B<" in text or "B" in text
        assert ">C<" not in text
        assert "Look" not in text
    assert client.get("/newsletters/2026-11-02/?period=week").status_code == 404
    assert client.get("/newsletters/2026-11-02/?site=%00").status_code == 404


def test_readers_see_a_note_on_cards_and_pages(client):
    article = make_article("Ferry", note="Mind the <script>gap</script>")
    for shown in ("/", article.get_absolute_url()):
        page = client.get(shown).content.decode()
        assert "note" in page
        assert "Mind the" in page
        assert "<script>gap" not in page


def test_an_article_that_is_put_in_joins_the_section_of_its_topic_in_no_tree(desk):
    tides, rare = make_topic("Tides"), make_topic("Rare")
    for title in ("A", "B"):
        make_article(title, topics=[tides])
    issue = build()
    for title, topics in (("Joins", [rare, tides]), ("Alone", [rare])):
        late = make_article(title, topics=topics, published_at=timezone.now() - timedelta(hours=1))
        press(desk, issue, f"in-{late.pk}")

    sections = dict(issue.places.values_list("article__title", "topic__name"))
    assert sections == {"A": "Tides", "B": "Tides", "Joins": "Tides", "Alone": None}
