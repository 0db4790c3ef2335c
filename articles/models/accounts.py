"""Who logs in, and from where; what is counted against attempts without end; and mails that must still be sent."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext_lazy as _

BROWSER_LENGTH = 200  # characters of what a browser calls itself


class Throttle(models.Model):
    """How often somebody tried something. `newsroom/throttling.py` has the rules."""

    key = models.CharField(max_length=64, primary_key=True, help_text="A digest: it tells no name and no address.")
    count = models.PositiveIntegerField(default=0, help_text="Attempts since `since`.")
    since = models.DateTimeField()
    strikes = models.PositiveIntegerField(default=0, help_text="How often there were too many.")
    until = models.DateTimeField(db_index=True, help_text="No attempt is allowed before.")

    def __str__(self):
        return f"throttle {self.key[:8]}"


class LogIn(models.Model):
    """An attempt to log in. What was typed as a name is stored only if somebody has that name."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("logged in")
        PASSWORD = "password", _("wrong name or password")
        CODE = "code", _("wrong code")

    class Factor(models.TextChoices):
        NONE = "", _("none")
        APP = "app", _("code of an app")
        RECOVERY = "recovery", _("recovery code")

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    factor = models.CharField(_("second factor"), max_length=10, choices=Factor, blank=True, default=Factor.NONE)
    address = models.CharField(_("address"), max_length=45, blank=True)
    browser = models.CharField(_("browser"), max_length=BROWSER_LENGTH, blank=True)

    class Meta:
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"


class OpenSession(models.Model):
    """Where a session of an editor is in use. It goes when its session goes."""

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=BROWSER_LENGTH, blank=True)
    since = models.DateTimeField()
    seen_on = models.DateField(help_text="In UTC.")

    class Meta:
        ordering = ["-seen_on", "-since"]

    def __str__(self):
        return f"session of user {self.user_id}"


class SecondFactor(models.Model):
    """The secret that an editor's app makes codes of."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    secret = models.CharField(max_length=32, editable=False)
    last_step = models.BigIntegerField(editable=False, help_text="Codes up to this half minute were used.")
    made_at = models.DateTimeField(_("set up"), auto_now_add=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self):
        return f"second factor {self.pk}"


class Preference(models.Model):
    """How a person wants to see the admin."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preference")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Its name, such as Europe/Berlin.")

    def __str__(self):
        return f"preference {self.pk}"


class RecoveryCode(models.Model):
    """The digest of a code that stands in, once, for a lost app."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)

    def __str__(self):
        return f"recovery code {self.pk}"


class MailRequest(models.Model):
    """Somebody asked for a mail to an address. It is deleted when the mail was sent, or must not be."""

    kind = models.CharField(max_length=20)
    email = models.CharField(max_length=254)
    asked_at = models.DateTimeField(db_index=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "email"],
                name="mailrequest_once",
                violation_error_message="This mail was asked for already.",
            )
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"
