"""Import by upload, and an issue edited and sent, on a wide and a narrow screen, with and without scripts."""

import re

import pytest

from tests.browser.pages import each_look, violations
from tests.factories import make_file

pytestmark = pytest.mark.browser
IMPORT = "/admin/desk/import/"
ISSUE = """
from datetime import date
from articles.models import Article, Issue, IssueArticle
from articles.newsletter import issues
Issue.objects.all().delete()
issue = Issue.objects.create(date=date(2026, 11, {day}))
for place, article in enumerate(Article.objects.published().order_by("pk")[{day} * 3 : {day} * 3 + 3], 1):
    IssueArticle.objects.create(issue=issue, article=article, position=place, is_put_in=True)
issues.rebuild(issue)
print(issue.pk)
"""


def is_fine(page):
    for width, scheme in each_look(page, [1366, 390]):
        assert violations(page) == [], (width, scheme)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    assert page.watch.troubles == []


@pytest.mark.parametrize("scripts", [True, False])
def test_files_are_sent_checked_and_imported(open_page, editor_state, scripts):
    name = "with" if scripts else "without"
    files = [
        {
            "name": f"{name}-{n}.md",
            "mimeType": "text/markdown",
            "buffer": make_file(f"{name}-{n}", title=f"Sent {n}").data,
        }
        for n in range(3)
    ]
    files.append({"name": f"{name}-bad.md", "mimeType": "text/markdown", "buffer": b"---\ntitle: 1\n"})
    page = open_page(IMPORT, width=390, storage_state=editor_state, java_script_enabled=scripts)
    if scripts:
        is_fine(page)
    page.set_input_files("#files", files)
    page.fill("#new-site", "sent")
    page.get_by_role("button", name="Send and check").click()
    page.get_by_role("heading", name="What would happen").wait_for(timeout=60_000)
    text = page.locator("main").inner_text()

    assert all(said in text for said in ("Sent 0", f"{name}-bad.md", "An import has no undo of its own"))
    if scripts:
        is_fine(page)
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("heading", name="Imported", exact=True).wait_for(timeout=60_000)
    if scripts:
        is_fine(page)
    page.get_by_role("link", name="Triage what it brought").click()
    assert page.locator(".item").count() == 3


@pytest.mark.parametrize(("scripts", "day"), [(True, 2), (False, 3)])
def test_an_issue_is_edited_and_undone_and_then_read_only(open_page, editor_state, site, scripts, day):
    pk = site.manage("shell", "-c", ISSUE.format(day=day)).split()[-1]
    page = open_page(
        f"/admin/articles/issue/{pk}/edit/", width=390, storage_state=editor_state, java_script_enabled=scripts
    )
    page.get_by_label("Introduction").fill("Good morning")
    page.locator("li textarea").first.fill("Read this first")
    first = page.locator(".issue-articles li p a").first.inner_text()
    page.locator(".issue-articles li").first.get_by_role("button", name="Down").click()
    assert page.locator(".issue-articles li p a").nth(1).inner_text() == first
    page.locator(".issue-articles li").nth(1).get_by_role("button", name="Leave out").click()
    assert page.locator(".issue-articles li").count() == 2
    page.locator(".messagelist a", has_text="Undo").first.click()
    page.get_by_role("button", name=re.compile("Undo")).first.click()
    page.goto(f"{site.url}/admin/articles/issue/{pk}/edit/")
    assert page.locator(".issue-articles li").count() == 3
    if scripts:
        is_fine(page)
    site.manage("shell", "-c", f"from articles.models import Issue; Issue.objects.filter(pk={pk}).update(state='sent')")
    page.goto(f"{site.url}/admin/articles/issue/{pk}/edit/")
    assert page.locator("textarea").count() == 0
    page.goto(f"{site.url}/newsletters/2026-11-0{day}/")
    assert "Good morning" in page.locator("main").inner_text()
    assert "Read this first" in page.locator("main").inner_text()
    if scripts:
        is_fine(page)
