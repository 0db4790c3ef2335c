"""An issue is not sent while its articles or its addresses are not those of the site."""

import pytest
from django.core.management import CommandError, call_command

from articles.models import Article, Issue, Subscriber
from articles.newsletter import issues, sending
from tests.factories import make_article, make_subscribers
from tests.newsletter.editions import DAY


def test_an_issue_with_a_withdrawn_article_is_not_sent_before_it_is_built_again(office, issue):
    make_subscribers(1)
    make_article("also", published_at=Article.objects.get().published_at)
    Article.objects.update(removed=True)

    with pytest.raises(sending.UnsendableError, match="build it again"):
        sending.send(issue)

    assert office.taken == []
    assert Issue.objects.get().state == "built"


def test_an_issue_that_was_built_again_without_a_withdrawn_article_is_sent(office, issue):
    emails = make_subscribers(1)
    make_article("stays", heat=60)
    issue.delete()
    issue = issues.build(DAY, "day")
    Article.objects.exclude(title="stays").update(removed=True)

    sending.send(issues.rebuild(issue))

    assert office.receivers == emails
    assert office.taken[0][1]["Subject"] == "stays"


def test_an_issue_with_a_deleted_article_is_not_sent_before_it_is_built_again(office, issue):
    emails = make_subscribers(1)
    make_article("stays", heat=60)
    issue.delete()
    issue = issues.build(DAY, "day")
    Article.objects.exclude(title="stays").get().delete()

    with pytest.raises(sending.UnsendableError, match="build it again"):
        sending.send(issue)
    assert office.taken == []
    sending.send(issues.rebuild(issue))

    assert office.receivers == emails
    assert issue.places.get().article.title == "stays"
    assert "Ferry" not in office.taken[0][1].as_string()


def test_an_issue_built_for_another_base_url_is_not_sent_before_it_is_built_again(office, issue, settings):
    make_subscribers(1)
    settings.NEWSROOM_BASE_URL = "https://news.example.org"

    with pytest.raises(sending.UnsendableError, match=r"example\.org: build it again"):
        sending.send(issue)
    assert office.taken == []
    sending.send(issues.rebuild(Issue.objects.get()))

    text, html = office.taken[0][1].iter_parts()
    address = f"https://news.example.org/newsletter/unsubscribe/{Subscriber.objects.get().token}/"
    assert address in text.get_content()
    assert address in html.get_content()
    assert "localhost" not in text.get_content() + html.get_content()


@pytest.mark.parametrize("part", ["html", "text"])
def test_an_issue_with_a_dead_link_to_unsubscribe_in_one_part_is_not_sent(office, issue, part):
    make_subscribers(1)
    Issue.objects.update(**{part: getattr(issue, part).replace("http://localhost:8000", "http://old.example")})

    with pytest.raises(sending.UnsendableError, match="build it again"):
        sending.send(issue)

    assert office.taken == []


@pytest.mark.parametrize("state", ["sending", "sent"])
def test_sending_does_not_continue_for_another_base_url(office, issue, settings, state):
    emails = make_subscribers(2)
    office.refuses = {emails[1]}
    sending.send(issue)
    Issue.objects.update(state=state)
    office.refuses = set()
    settings.NEWSROOM_BASE_URL = "https://news.example.org"

    with pytest.raises(sending.UnsendableError, match="continue with the setting it was built with"):
        sending.send(issue)
    assert office.receivers == emails[:1]
    settings.NEWSROOM_BASE_URL = "http://localhost:8000"
    sending.send(issue)

    assert office.receivers == emails


def test_an_issue_without_published_articles_is_not_sent(office, issue):
    make_subscribers(1)
    Article.objects.update(removed=True)

    with pytest.raises(sending.UnsendableError, match="delete it"):
        sending.send(issues.rebuild(issue))

    assert office.taken == []


def test_no_issue_is_sent_without_a_mail_server(issue, settings):
    settings.NEWSROOM_SENDS_MAIL = False

    with pytest.raises(CommandError, match="NEWSROOM_EMAIL_URL"):
        call_command("build_newsletter", date=DAY, send=True, no_progress=True)
