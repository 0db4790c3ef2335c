"""The newsletter in the admin: issues, subscribers and deliveries."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_update
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from ..models import Delivery, Issue, Subscriber
from ..newsletter import issues as newsletter_issues
from ..newsletter import sending, smtp, subscriptions
from . import issue_editor
from .base import QuickAdmin, ReadOnlyAdmin
from .conflict_aware_forms import ConflictAwareForm

MAX_SENDING_SECONDS = 15  # in one request; with the mail server's timeout, less than a web server allows
# The preview of a mail may use inline styles and nothing else.
PREVIEW_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": True,
}


@admin.register(Issue)
class IssueAdmin(QuickAdmin):
    list_display = ["date", "period", "site", "subject", "articles", "state", "mails"]
    list_filter = ["state", "period", "source"]
    list_select_related = ["source"]
    change_form_template = "admin/articles/issue/change_form.html"
    fields = ["date", "period", "site", "subject", "state", "articles", "mails", "built_at", "begun_at", "sent_at"]
    readonly_fields = fields
    actions = None  # no bulk deletion: what was sent stays

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        add_figures(changelist.result_list)
        return changelist

    def get_object(self, request, object_id, from_field=None):
        issue = super().get_object(request, object_id, from_field)
        if issue:
            add_figures([issue])
        return issue

    def has_add_permission(self, request):
        return False  # build_newsletter adds issues

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        built = obj is None or obj.state == Issue.State.BUILT
        return built and super().has_delete_permission(request, obj)

    def may_edit(self, request, issue):
        """Return whether a user may edit an issue, which nobody may once it is being sent."""
        return issue.state == Issue.State.BUILT and request.user.has_perm("articles.change_issue")

    def may_send(self, request):
        return request.user.has_perm("articles.send_issue")

    @admin.display(description=gettext_lazy("Site"), ordering="source")
    def site(self, issue):
        return issue.source or _("all")

    @admin.display(description=gettext_lazy("Articles"))
    def articles(self, issue):
        return issue.figures["articles"]

    @admin.display(description=gettext_lazy("Emails"))
    def mails(self, issue):
        sent, refused, open_ = (issue.figures[name] for name in ("sent", "refused", "open"))
        return _("%(sent)s sent, %(refused)s refused, %(open)s in progress or unknown") % {
            "sent": sent,
            "refused": refused,
            "open": open_,
        }

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/edit/", view(self.edit_view), name="articles_issue_edit"),
            path("<int:pk>/html/", view(self.html_view), name="articles_issue_html"),
            path("<int:pk>/send/", view(self.send_view), name="articles_issue_send"),
            path("<int:pk>/try/", view(self.try_view), name="articles_issue_try"),
            path("<int:pk>/again/", view(self.again_view), name="articles_issue_again"),
            *super().get_urls(),
        ]

    @method_decorator(csp_update({"frame-src": [SELF]}))
    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {"may_send": self.may_send(request), "states": Issue.State}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def edit_view(self, request, pk):
        return issue_editor.view(self, request, pk)

    @method_decorator([xframe_options_sameorigin, csp(PREVIEW_POLICY)])
    def html_view(self, request, pk):
        """Return the mail's HTML for the frame that previews it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(get_object_or_404(Issue, pk=pk).html)

    def send_view(self, request, pk):
        """Ask for confirmation. A POST sends for MAX_SENDING_SECONDS; another one continues."""
        issue = self._to_send(request, pk)
        if request.method == "POST":
            self._send(request, issue)
            return back_to(issue)
        number = sending.waiting_for(issue).count()
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": _("Send issue")}
        return render(request, "admin/articles/issue/send.html", {**context, "issue": issue, "number": number})

    def _to_send(self, request, pk):
        if not self.may_send(request):
            raise PermissionDenied
        return get_object_or_404(Issue.objects.select_related("source"), pk=pk)

    def _send(self, request, issue):
        try:
            outcome = sending.send(issue, MAX_SENDING_SECONDS)
        except sending.UnsendableError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.log_change(request, issue, f"Sent {outcome.sent}.")
        self._tell(request, outcome)

    def _tell(self, request, outcome):
        sent, refused, waiting = outcome.sent, outcome.refused, outcome.left - outcome.refused
        level = messages.WARNING if refused or waiting > 0 else messages.SUCCESS
        words = [ngettext("%(n)s email was sent.", "%(n)s emails were sent.", sent) % {"n": sent}]
        if refused:
            why = ngettext(
                "%(n)s was refused; see Deliveries for the reason.",
                "%(n)s were refused; see Deliveries for the reasons.",
                refused,
            )
            words.append(why % {"n": refused})
        if outcome.problem:
            level = messages.ERROR
            words.append(_("Then the mail server stopped accepting mail: %(why)s.") % {"why": outcome.problem})
        elif waiting > 0:
            words.append(
                _("%(n)s left: press Send again to continue, or run build_newsletter --send.") % {"n": waiting}
            )
        self.message_user(request, " ".join(words), level)

    @method_decorator(require_POST)
    def try_view(self, request, pk):
        issue = self._to_send(request, pk)
        if not request.user.email:
            self.message_user(request, _("Your account has no email address."), messages.ERROR)
            return back_to(issue)
        try:
            sending.trial_mail(issue, request.user).send()
        except OSError as error:
            why = {"why": smtp.reason(error)}
            self.message_user(request, _("The mail server refused it: %(why)s.") % why, messages.ERROR)
        else:
            self.message_user(request, _("A test was sent to your address."), messages.SUCCESS)
        return back_to(issue)

    @method_decorator(require_POST)
    def again_view(self, request, pk):
        issue = self._to_send(request, pk)
        try:
            newsletter_issues.rebuild(issue)
        except newsletter_issues.NotChangeableError:
            self.message_user(
                request, _("This issue was sent or is being sent, so it can no longer be changed."), messages.ERROR
            )
        else:
            self.message_user(request, _("The issue was rebuilt."), messages.SUCCESS)
        return back_to(issue)


def back_to(issue):
    return HttpResponseRedirect(reverse("admin:articles_issue_change", args=[issue.pk]))


def add_figures(issues):
    """Set `figures` on each issue: its number of articles, and of mails by outcome.

    Costs two queries: in one, the two joins would multiply each other's counts.
    """
    found = Issue.objects.filter(pk__in=[issue.pk for issue in issues])
    articles = dict(found.values_list("pk").annotate(Count("places")))
    sent, refused = Q(deliveries__sent_at__isnull=False), ~Q(deliveries__error="")
    mails = found.values("pk").annotate(
        sent=Count("deliveries", filter=sent),
        refused=Count("deliveries", filter=refused & ~sent),
        open=Count("deliveries", filter=~sent & ~refused),
    )
    by_issue = {row.pop("pk"): row for row in mails}
    for issue in issues:
        issue.figures = {"articles": articles[issue.pk], **by_issue[issue.pk]}


class SubscriberForm(ConflictAwareForm):
    class Meta:
        model = Subscriber
        fields = ["email", "state"]

    def clean_email(self):
        return subscriptions.normalised(self.cleaned_data["email"])


@admin.register(Subscriber)
class SubscriberAdmin(QuickAdmin):
    """Find subscribers with a POST form, so that their addresses do not end up in logs as part of a URL."""

    has_drafts = False

    form = SubscriberForm
    list_display = ["email", "state", "confirmed_at", "unsubscribed_at"]
    list_filter = ["state"]
    change_list_template = "admin/articles/subscriber/change_list.html"
    readonly_fields = ["asked_at", "confirmed_at", "unsubscribed_at"]

    def save_model(self, request, subscriber, form, change):
        """Record when the state changed."""
        if "state" in form.changed_data or not change:
            if subscriber.state == Subscriber.State.CONFIRMED:
                subscriber.confirmed_at = timezone.now()
            elif subscriber.state == Subscriber.State.UNSUBSCRIBED:
                subscriber.unsubscribed_at = timezone.now()
            else:
                subscriber.asked_at = timezone.now()
        super().save_model(request, subscriber, form, change)

    def get_deleted_objects(self, objs, request):
        """Delete subscribers with their deliveries, which nobody may delete on their own."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, needed - {Delivery._meta.verbose_name}, protected

    def get_urls(self):
        find = path("find/", self.admin_site.admin_view(self.find_view), name="articles_subscriber_find")
        return [find, *super().get_urls()]

    @method_decorator(require_POST)
    def find_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            email = subscriptions.normalised(request.POST.get("email", ""))
        except ValidationError:
            email = ""
        found = Subscriber.objects.filter(email=email).first()
        if found:
            return HttpResponseRedirect(reverse("admin:articles_subscriber_change", args=[found.pk]))
        self.message_user(request, _("No subscriber has this address."), messages.WARNING)
        return HttpResponseRedirect(reverse("admin:articles_subscriber_changelist"))


class OutcomeFilter(admin.SimpleListFilter):
    title = gettext_lazy("outcome")
    parameter_name = "outcome"
    QUERIES = {"sent": Q(sent_at__isnull=False), "refused": ~Q(error=""), "open": Q(sent_at=None, error="")}

    def lookups(self, request, model_admin):
        return [("sent", _("sent")), ("refused", _("refused")), ("open", _("in progress or unknown"))]

    def queryset(self, request, queryset):
        return queryset.filter(self.QUERIES[self.value()]) if self.value() in self.QUERIES else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Without a row here, a mail would be sent again."""

    list_display = ["issue", "address", "begun_at", "sent_at", "error"]
    list_filter = [OutcomeFilter]
    list_select_related = ["issue__source", "subscriber"]
    actions = ["retry"]

    def has_send_permission(self, request):
        return request.user.has_perm("articles.send_issue")

    @admin.display(description=gettext_lazy("To"))
    def address(self, delivery):
        return delivery.subscriber.email

    @admin.action(description=gettext_lazy("Retry deliveries whose outcome is unknown"), permissions=["send"])
    def retry(self, request, queryset):
        unknown = queryset.filter(sent_at=None, error="", begun_at__lt=timezone.now() - sending.IN_DOUBT_AFTER)
        number = unknown.update(error=_("Outcome unknown; an editor asked for a retry."))
        text = ngettext(
            "%(n)s email will be sent with the next Send.", "%(n)s emails will be sent with the next Send.", number
        )
        self.message_user(request, text % {"n": number}, messages.SUCCESS)
