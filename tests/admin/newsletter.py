"""Helpers for tests of the newsletter in the admin."""

from datetime import date, timedelta

from django.utils import timezone

from articles.models import Subscriber

DAY = date(2026, 11, 2)
CAN_LOOK = ["view_issue", "view_subscriber", "view_delivery"]


def make_subscribers(number):
    moment = timezone.now() - timedelta(days=1)
    Subscriber.objects.bulk_create(
        Subscriber(email=f"r{n}@example.org", state="confirmed", confirmed_at=moment) for n in range(number)
    )


def told(response):
    return [str(message) for message in response.context["messages"]]
