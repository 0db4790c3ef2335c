"""Issues of the newsletter in the admin."""

import pytest
from django.utils import timezone

from articles.models import Article, Delivery, Issue, Subscriber
from articles.newsletter import issues
from tests.admin.newsletter import CAN_LOOK, DAY, make_subscribers, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", ["issue", "subscriber", "delivery"])
def test_every_list_and_form_opens(admin_client, issue, model):
    make_subscribers(1)
    Delivery.objects.create(issue=issue, subscriber=Subscriber.objects.get(), begun_at=timezone.now())
    row = {"issue": Issue, "subscriber": Subscriber, "delivery": Delivery}[model].objects.get()

    for page in ("", f"{row.pk}/change/", "?state__exact=sent", "?outcome=open"):
        assert admin_client.get(f"/admin/articles/{model}/{page}", follow=True).status_code == 200


def test_an_issue_is_previewed_in_a_sandboxed_frame(admin_client, issue, issue_address):
    page = admin_client.get(f"{issue_address}change/")
    mail = admin_client.get(f"{issue_address}html/")

    assert f'<iframe class="mail" src="{issue_address}html/" sandbox ' in page.content.decode()
    assert "frame-src https://www.youtube-nocookie.com 'self'" in page.headers["Content-Security-Policy"]
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert mail.content.decode() == issue.html
    policy = set(mail.headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "style-src 'unsafe-inline'", "sandbox", "frame-ancestors 'self'"} <= policy
    assert not [part for part in policy if part.startswith("script-src")]
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_the_list_of_issues_shows_their_figures(admin_client, issue, issue_address):
    make_subscribers(3)
    sent, refused, doubtful = Subscriber.objects.all()
    now = timezone.now()
    Delivery.objects.create(issue=issue, subscriber=sent, begun_at=now, sent_at=now)
    Delivery.objects.create(issue=issue, subscriber=refused, begun_at=now, error="550 No")
    Delivery.objects.create(issue=issue, subscriber=doubtful, begun_at=now)

    page = admin_client.get("/admin/articles/issue/").content.decode()

    assert "1 sent, 1 refused, 1 in progress or unknown" in page
    assert '<td class="field-articles">1</td>' in page


@pytest.mark.parametrize("state", ["built", "sending", "sent"])
def test_an_issue_with_a_deleted_article_still_opens(admin_client, issue, issue_address, state):
    Issue.objects.update(state=state)
    Article.objects.get().delete()

    assert '<td class="field-articles">1</td>' in admin_client.get("/admin/articles/issue/").content.decode()
    assert admin_client.get(f"{issue_address}change/").status_code == 200
    assert str(issue.places.get()) == f"1 in issue {issue.pk}"


def test_an_issue_can_be_rebuilt_until_it_is_sent(logged_in, issue, issue_address):
    client = logged_in(*CAN_LOOK, "send_issue")
    Article.objects.update(title="renamed")

    assert told(client.post(f"{issue_address}again/", follow=True)) == ["The issue was rebuilt."]
    issue.refresh_from_db()
    assert issue.subject == "renamed"
    Issue.objects.update(state="sent")
    Article.objects.update(title="renamed again")
    assert told(client.post(f"{issue_address}again/", follow=True)) == [
        "This issue was sent or is being sent, so it can no longer be changed."
    ]
    issue.refresh_from_db()
    assert issue.subject == "renamed"


@pytest.mark.parametrize(("state", "status"), [("built", 302), ("sending", 403), ("sent", 403)])
def test_only_an_unsent_issue_can_be_deleted(admin_client, issue, issue_address, state, status):
    Issue.objects.update(state=state)

    assert admin_client.post(f"{issue_address}delete/", {"post": "yes"}).status_code == status
    assert Issue.objects.exists() is (status == 403)


def test_articles_of_a_deleted_issue_can_go_into_another(admin_client, issue, issue_address):
    admin_client.post(f"{issue_address}delete/", {"post": "yes"})

    assert issues.build(DAY, "day").html == issue.html
