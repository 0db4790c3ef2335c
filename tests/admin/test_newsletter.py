"""The newsletter at the editors' desk: looking at issues, sending them, subscribers and deliveries."""

from datetime import date, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import F
from django.utils import timezone

from articles.models import Article, Delivery, Issue, Subscriber
from articles.newsletter import issues, subscriptions
from tests.factories import make_article

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 2)
CAN_LOOK = ["view_issue", "view_subscriber", "view_delivery"]


class Away(EmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class Choosy(EmailBackend):
    """Takes mails to r0 only."""

    def send_messages(self, messages):
        if messages[0].to != ["r0@example.org"]:
            raise SMTPRecipientsRefused({messages[0].to[0]: (550, b"No such mailbox")})
        return super().send_messages(messages)


@pytest.fixture
def issue(settings):
    settings.NEWSROOM_SENDS_MAIL = True
    make_article("The news <b>", excerpt="Words.")
    return issues.build(DAY, "day")


@pytest.fixture
def address(issue):
    return f"/admin/articles/issue/{issue.pk}/"


@pytest.fixture
def logged_in(client):
    """A function that logs in an editor with some permissions only."""

    def log_in(*names):
        user = User.objects.create_user("ed", email="ed@example.org", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return log_in


def subscribers(number):
    moment = timezone.now() - timedelta(days=1)
    Subscriber.objects.bulk_create(
        Subscriber(email=f"r{n}@example.org", state="confirmed", confirmed_at=moment) for n in range(number)
    )


def told(response):
    return [str(message) for message in response.context["messages"]]


@pytest.mark.parametrize("model", ["issue", "subscriber", "delivery"])
def test_every_list_and_form_opens(admin_client, issue, model):
    subscribers(1)
    Delivery.objects.create(issue=issue, subscriber=Subscriber.objects.get(), begun_at=timezone.now())
    row = {"issue": Issue, "subscriber": Subscriber, "delivery": Delivery}[model].objects.get()

    for page in ("", f"{row.pk}/change/", "?state__exact=sent", "?outcome=open"):
        assert admin_client.get(f"/admin/articles/{model}/{page}", follow=True).status_code == 200


@pytest.mark.parametrize("model", ["issue", "subscriber", "delivery"])
def test_a_list_costs_a_fixed_number_of_queries(admin_client, issue, model, django_assert_max_num_queries):
    subscribers(60)
    for n in range(60):
        other = Issue.objects.create(date=date(2025, 1, 1) + timedelta(days=n))
        Delivery.objects.create(issue=other, subscriber=Subscriber.objects.all()[n], begun_at=timezone.now())

    with django_assert_max_num_queries(12):
        assert admin_client.get(f"/admin/articles/{model}/").status_code == 200


def test_an_issue_is_looked_at_in_a_frame_that_can_do_nothing(admin_client, issue, address):
    page = admin_client.get(f"{address}change/")
    mail = admin_client.get(f"{address}html/")

    assert f'<iframe class="mail" src="{address}html/" sandbox ' in page.content.decode()
    assert "frame-src https://www.youtube-nocookie.com 'self'" in page.headers["Content-Security-Policy"]
    assert "style-src 'self'" in page.headers["Content-Security-Policy"]
    assert mail.content.decode() == issue.html
    policy = set(mail.headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "style-src 'unsafe-inline'", "sandbox", "frame-ancestors 'self'"} <= policy
    assert not [part for part in policy if part.startswith("script-src")]
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_an_issue_that_is_looked_at_shows_its_figures(admin_client, issue, address):
    subscribers(3)
    sent, refused, doubtful = Subscriber.objects.all()
    now = timezone.now()
    Delivery.objects.create(issue=issue, subscriber=sent, begun_at=now, sent_at=now)
    Delivery.objects.create(issue=issue, subscriber=refused, begun_at=now, error="550 No")
    Delivery.objects.create(issue=issue, subscriber=doubtful, begun_at=now)

    page = admin_client.get("/admin/articles/issue/").content.decode()

    assert "1 sent, 1 refused, 1 in doubt or under way" in page
    assert '<td class="field-articles">1</td>' in page


@pytest.mark.parametrize("state", ["built", "sending", "sent"])
def test_an_issue_with_a_deleted_article_is_looked_at_like_any_other(admin_client, issue, address, state):
    Issue.objects.update(state=state)
    Article.objects.get().delete()

    assert '<td class="field-articles">1</td>' in admin_client.get("/admin/articles/issue/").content.decode()
    assert admin_client.get(f"{address}change/").status_code == 200
    assert str(issue.places.get()) == f"1 in issue {issue.pk}"


def test_an_editor_sends_it_after_one_more_question(logged_in, issue, address, mailoutbox):
    subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    question = client.get(f"{address}send/").content.decode()
    assert "Send to 2 subscribers" in question
    assert mailoutbox == []
    answer = client.post(f"{address}send/", follow=True)

    assert told(answer) == ["2 mails were sent."]
    assert sorted(mail.to[0] for mail in mailoutbox) == ["r0@example.org", "r1@example.org"]
    assert LogEntry.objects.get().change_message == "Sent 2."
    issue.refresh_from_db()
    assert issue.state == "sent"
    assert "Nobody waits for it" in client.get(f"{address}send/").content.decode()


def test_a_server_that_is_away_is_told_and_nothing_is_lost(logged_in, issue, address, settings, mailoutbox):
    subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "tests.admin.test_newsletter.Away"

    answer = client.post(f"{address}send/", follow=True)
    assert told(answer) == ["0 mails were sent. Then the mail server did not take any more: gone."]
    settings.EMAIL_BACKEND = backend
    client.post(f"{address}send/")

    assert len(mailoutbox) == 2


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "1 mail was sent. 1 was refused; Deliveries says why."),
        (4, "1 mail was sent. 3 were refused; Deliveries says why."),
    ],
)
def test_what_was_refused_is_not_told_as_left(logged_in, issue, address, settings, number, words):
    settings.EMAIL_BACKEND = "tests.admin.test_newsletter.Choosy"
    subscribers(number)

    answer = logged_in(*CAN_LOOK, "send_issue").post(f"{address}send/", follow=True)

    assert told(answer) == [words]
    issue.refresh_from_db()
    assert issue.state == "sent"


def test_what_was_refused_and_what_is_left_are_told_apart(logged_in, issue, address, settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.admin.test_newsletter.Choosy"
    subscribers(4)
    clock = iter([0, 1, 2, 20])  # at the start, and before each mail
    monkeypatch.setattr("articles.newsletter.sending.monotonic", lambda: next(clock))

    answer = logged_in(*CAN_LOOK, "send_issue").post(f"{address}send/", follow=True)

    assert told(answer) == [
        "1 mail was sent. 1 was refused; Deliveries says why. "
        "2 are left: press Send again, or let build_newsletter --send go on."
    ]


def test_what_takes_longer_than_a_request_is_gone_on_with(logged_in, issue, address, monkeypatch, mailoutbox):
    monkeypatch.setattr("articles.admin.newsletter.SECONDS", 1e-9)
    subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    answer = client.post(f"{address}send/", follow=True)

    assert told(answer) == ["0 mails were sent. 2 are left: press Send again, or let build_newsletter --send go on."]
    assert "Go on sending" in answer.content.decode()
    monkeypatch.setattr("articles.admin.newsletter.SECONDS", 15)
    client.post(f"{address}send/")
    assert len(mailoutbox) == 2


def test_a_test_goes_to_the_editor_alone_and_changes_nothing(logged_in, issue, address, mailoutbox):
    subscribers(2)
    client = logged_in(*CAN_LOOK, "send_issue")

    client.post(f"{address}try/")

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["ed@example.org"], "Test: The news <b>")
    assert "/newsletter/unsubscribe/-/" in mail.extra_headers["List-Unsubscribe"]
    issue.refresh_from_db()
    assert issue.state == "built"
    assert not Delivery.objects.exists()


def test_an_editor_without_an_address_is_told(admin_client, address, mailoutbox):
    User.objects.update(email="")

    assert told(admin_client.post(f"{address}try/", follow=True)) == ["Your account has no mail address."]
    assert mailoutbox == []


def test_an_issue_is_built_again_until_it_is_sent(logged_in, issue, address):
    client = logged_in(*CAN_LOOK, "send_issue")
    Article.objects.update(title="renamed")

    assert told(client.post(f"{address}again/", follow=True)) == ["It was built again."]
    issue.refresh_from_db()
    assert issue.subject == "renamed"
    Issue.objects.update(state="sent")
    Article.objects.update(title="renamed again")
    assert told(client.post(f"{address}again/", follow=True)) == ["It is being sent, or was, and stays as it is."]
    issue.refresh_from_db()
    assert issue.subject == "renamed"


@pytest.mark.parametrize("page", ["send", "try", "again"])
def test_sending_takes_a_permission_of_its_own(logged_in, address, page, mailoutbox):
    subscribers(1)
    client = logged_in(*CAN_LOOK, "change_issue", "delete_issue", "add_issue")

    assert client.post(f"{address}{page}/").status_code == 403
    assert f"{address}{page}/" not in client.get(f"{address}change/").content.decode()
    assert mailoutbox == []


@pytest.mark.parametrize("page", ["send", "try", "again", "html"])
def test_strangers_are_asked_to_log_in(client, address, page):
    assert client.post(f"{address}{page}/").headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("page", ["try", "again"])
def test_reading_an_address_does_nothing(admin_client, address, page):
    assert admin_client.get(f"{address}{page}/").status_code == 405


@pytest.mark.parametrize(("state", "status"), [("built", 302), ("sending", 403), ("sent", 403)])
def test_only_what_was_not_sent_is_deleted(admin_client, issue, address, state, status):
    Issue.objects.update(state=state)

    assert admin_client.post(f"{address}delete/", {"post": "yes"}).status_code == status
    assert Issue.objects.exists() is (status == 403)


def test_a_deleted_issue_lets_its_articles_stand_in_another(admin_client, issue, address):
    admin_client.post(f"{address}delete/", {"post": "yes"})

    assert issues.build(DAY, "day").html == issue.html


def test_a_subscriber_is_found_without_the_address_in_a_pages_address(logged_in):
    subscribers(2)
    client = logged_in(*CAN_LOOK)

    response = client.post("/admin/articles/subscriber/find/", {"email": " R1@Example.org"})

    pk = Subscriber.objects.get(email="r1@example.org").pk
    assert response.headers["Location"] == f"/admin/articles/subscriber/{pk}/change/"
    nobody = client.post("/admin/articles/subscriber/find/", {"email": "x"}, follow=True)
    assert told(nobody) == ["Nobody has this address."]


def test_an_editor_adds_and_stops_a_subscriber_by_hand(admin_client):
    admin_client.post("/admin/articles/subscriber/add/", {"email": "By.Hand@example.org", "state": "confirmed"})
    added = Subscriber.objects.get(email="by.hand@example.org")
    assert added.confirmed_at

    admin_client.post(
        f"/admin/articles/subscriber/{added.pk}/change/", {"email": "by.hand@example.org", "state": "unsubscribed"}
    )

    added.refresh_from_db()
    assert (added.state, bool(added.unsubscribed_at)) == ("unsubscribed", True)
    assert "example.org" not in "".join(entry.object_repr + entry.change_message for entry in LogEntry.objects.all())


@pytest.fixture(params=["added", "changed"])
def waiting(request, admin_client):
    """An address that an editor lets wait for being confirmed."""
    email, page = "by.hand@example.org", "add"
    if request.param == "changed":
        page = f"{Subscriber.objects.create(email=email, state='unsubscribed').pk}/change"
    admin_client.post(f"/admin/articles/subscriber/{page}/", {"email": email, "state": "pending"})
    assert Subscriber.objects.get().state == "pending"
    return email


def test_whom_an_editor_lets_wait_is_forgotten_after_a_week(waiting, mailoutbox):
    Subscriber.objects.update(asked_at=F("asked_at") - timedelta(days=8))

    subscriptions.sign_up("another@example.org")

    assert [one.email for one in Subscriber.objects.all()] == ["another@example.org"]


def test_whom_an_editor_lets_wait_may_sign_up_at_once(waiting, mailoutbox):
    subscriptions.sign_up(waiting)

    assert [mail.to for mail in mailoutbox] == [[waiting]]


def test_an_address_that_is_there_or_is_none_is_refused_in_the_form(admin_client):
    subscribers(1)
    for email in (
        "R0@example.org",
        "x",
        '"q\x0bBcc:x@y"@example.org',
        "\u017fmith@example.org",
        "a@stra\u00dfe.example",
    ):
        response = admin_client.post("/admin/articles/subscriber/add/", {"email": email, "state": "confirmed"})

        assert response.status_code == 200
        assert response.context["errors"]


def test_a_subscriber_is_deleted_with_what_went_to_them(admin_client, issue):
    subscribers(1)
    one = Subscriber.objects.get()
    Delivery.objects.create(issue=issue, subscriber=one, begun_at=timezone.now())

    admin_client.post(f"/admin/articles/subscriber/{one.pk}/delete/", {"post": "yes"})

    assert not Subscriber.objects.exists()


def test_an_editor_lets_a_doubtful_mail_go_again(logged_in, issue, address, mailoutbox):
    subscribers(2)
    one, other = Subscriber.objects.order_by("pk")
    hour_ago = timezone.now() - timedelta(hours=1)
    doubtful = Delivery.objects.create(issue=issue, subscriber=one, begun_at=hour_ago)
    under_way = Delivery.objects.create(issue=issue, subscriber=other, begun_at=timezone.now())
    client = logged_in(*CAN_LOOK, "send_issue")
    act = {"action": "let_go_again", "_selected_action": [doubtful.pk, under_way.pk]}

    answer = client.post("/admin/articles/delivery/", act, follow=True)
    client.post(f"{address}send/")

    assert told(answer) == ["1 mail goes with the next Send."]
    assert [mail.to for mail in mailoutbox] == [["r0@example.org"]]
