"""Accounts and groups in the admin. Nobody gives rights, or takes over an account, beyond their own."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q

from ..models import SecondFactor
from .base import StrictAdmin
from .conflict_aware_forms import ConflictAware

GRANTING = (
    "is_active",
    "is_staff",
    "is_superuser",
    "groups",
    "user_permissions",
    "permissions",
)  # fields that give rights

admin.site.unregister([User, Group])


class GrantingAdmin(StrictAdmin):
    """Let superusers alone change what gives rights."""

    has_drafts = False

    def get_readonly_fields(self, request, obj=None):
        fixed = [] if request.user.is_superuser else [name for name in GRANTING if hasattr(self.model, name)]
        return [*super().get_readonly_fields(request, obj), *fixed]


class AccountForm(ConflictAware, UserChangeForm):
    """A form of an account."""


@admin.register(User)
class AccountAdmin(GrantingAdmin, UserAdmin):
    form = AccountForm

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_equal(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._is_equal(request.user, obj)

    def get_deleted_objects(self, objs, request):
        """Delete accounts with their second factors, which only superusers may delete on their own."""
        deleted, counts, needed, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, needed - {SecondFactor._meta.verbose_name}, protected

    def _is_equal(self, user, other):
        """Return whether a user has all rights that another account has: a new password would give them those."""
        if user.is_superuser or other is None:
            return True
        theirs = Permission.objects.filter(Q(user=other) | Q(group__user=other)).select_related("content_type")
        return not other.is_superuser and all(
            user.has_perm(f"{right.content_type.app_label}.{right.codename}") for right in theirs
        )


@admin.register(Group)
class TeamAdmin(GrantingAdmin, GroupAdmin):
    pass
