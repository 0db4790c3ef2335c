"""Accounts in the admin, for superusers: records of log-ins, and others' second factors, to reset them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from newsroom.accounts import second_factor, sessions

from ..models import LogIn, SecondFactor
from .base import ReadOnlyAdmin


class ForSuperusers(ReadOnlyAdmin):
    """Rows that superusers read, and nobody adds or changes."""

    actions = None

    def has_module_permission(self, request):
        return request.user.is_active and request.user.is_superuser

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)


@admin.register(LogIn)
class LogInAdmin(ForSuperusers):
    list_display = ["at", "user", "outcome", "factor", "address", "where"]
    list_filter = ["outcome", "factor"]
    list_select_related = ["user"]
    fields = ["at", "user", "outcome", "factor", "address", "browser"]

    @admin.display(description=gettext_lazy("browser"))
    def where(self, log_in):
        return sessions.described(log_in.browser) or "-"


@admin.register(SecondFactor)
class SecondFactorAdmin(ForSuperusers):
    """Deleting one lets its editor log in by password, to set up another."""

    list_display = ["user", "made_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    fields = ["user", "made_at"]

    def has_delete_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def delete_model(self, request, factor):
        second_factor.remove(factor.user)
