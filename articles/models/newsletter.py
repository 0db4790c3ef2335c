"""Issues of the newsletter, its subscribers, and what was sent to them."""

import secrets
from urllib.parse import urlencode

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .articles import Article
from .fields import validate_marks
from .sources import Source
from .taxonomy import Topic

MAX_INTRODUCTION = 5000  # characters


def make_token():
    """Return a random token that only the receiver of a mail knows."""
    return secrets.token_urlsafe(24)


class Issue(models.Model):
    """The newsletter of a day or a week. It can be built again until it is being sent."""

    class Period(models.TextChoices):
        DAY = "day", _("day")
        WEEK = "week", _("week")

    class State(models.TextChoices):
        BUILT = "built", _("built")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")

    date = models.DateField(help_text=_("The issue covers the time up to the beginning of this day, in UTC."))
    period = models.CharField(max_length=10, choices=Period, default=Period.DAY)
    source = models.ForeignKey(
        Source, models.PROTECT, null=True, blank=True, help_text=_("If empty, the issue covers all sites.")
    )
    subject = models.CharField(max_length=200)
    introduction = models.TextField(
        _("introduction"),
        blank=True,
        max_length=MAX_INTRODUCTION,
        validators=[validate_marks],
        help_text=_("What readers read before the articles."),
    )
    in_own_order = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("An editor moved articles: they stand in one list, without sections."),
    )
    html = models.TextField()
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.BUILT)
    built_at = models.DateTimeField(_("built"), auto_now_add=True)
    begun_at = models.DateTimeField(
        _("sending began"), null=True, help_text=_("Only subscribers who had confirmed by then get it.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True)

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            UniqueConstraint(
                fields=["date", "period", "source"],
                name="issue_once_of_a_site",
                violation_error_message="This site has an issue of this day and period already.",
            ),
            UniqueConstraint(
                fields=["date", "period"],
                condition=Q(source=None),
                name="issue_once_of_all_sites",
                violation_error_message="There is an issue of this day and period already.",
            ),
        ]
        permissions = [("send_issue", "Can send issues of the newsletter")]

    def __str__(self):
        where = self.source or gettext("all sites")
        return f"{self.date:%Y-%m-%d}, {self.get_period_display()}, {where}"

    def get_absolute_url(self):
        """Return the address of its page, which readers find once it is sent."""
        asked = {
            "period": self.period if self.period != self.Period.DAY else "",
            "site": self.source and self.source.name,
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return reverse("issue", args=[self.date]) + (f"?{query}" if query else "")


class IssueArticle(models.Model):
    """The place of an article in the newsletter. An article has only one, ever."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="places")
    article = models.OneToOneField(
        Article,
        models.SET_NULL,
        null=True,
        related_name="newsletter_place",
        help_text="Empty if the article was deleted.",
    )
    position = models.PositiveSmallIntegerField(
        help_text="By heat at the time it was chosen, or as an editor moved it."
    )
    topic = models.ForeignKey(Topic, models.SET_NULL, null=True, related_name="+", help_text="The section it is in.")
    is_put_in = models.BooleanField(default=False, help_text="An editor put it in, whenever it was published.")

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self):
        return f"{self.position} in issue {self.issue_id}"


class Subscriber(models.Model):
    """A mail address that asked for the newsletter. It is never written to logs, records or page addresses."""

    class State(models.TextChoices):
        PENDING = "pending", _("not confirmed")
        CONFIRMED = "confirmed", _("confirmed")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")

    email = models.EmailField(_("email address"), max_length=254, unique=True, help_text=_("In lowercase."))
    state = models.CharField(max_length=15, choices=State, default=State.PENDING)
    token = models.CharField(max_length=50, unique=True, default=make_token, editable=False)
    asked_at = models.DateTimeField(
        _("last mailed"), null=True, editable=False, help_text=_("When it was last sent a mail to confirm.")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, editable=False)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            CheckConstraint(
                condition=Q(email=Lower("email")),
                name="subscriber_email_in_small_letters",
                violation_error_message="Write the email address in small letters.",
            )
        ]
        indexes = [models.Index(fields=["state", "confirmed_at"], name="subscriber_by_state")]

    def __str__(self):
        return f"subscriber {self.pk}"


class Delivery(models.Model):
    """The sending of an issue to one subscriber. It is stored before the mail is sent, so that it is sent only once.

    If it has neither `sent_at` nor `error`, the process died while sending: it is not sent again automatically.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    begun_at = models.DateTimeField(_("begun"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(
        max_length=500, blank=True, help_text=_("The mail server's answer. The next run tries again.")
    )

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(
                fields=["issue", "subscriber"],
                name="delivery_once",
                violation_error_message="This subscriber has a delivery of this issue already.",
            )
        ]

    def __str__(self):
        return f"issue {self.issue_id} to subscriber {self.subscriber_id}"
