"""Accounts and groups in the admin. Nobody gives rights, or takes over an account, beyond their own."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from .base import StrictAdmin

GRANTING = ("is_staff", "is_superuser", "groups", "user_permissions", "permissions")  # fields that give rights

admin.site.unregister([User, Group])


class GrantingAdmin(StrictAdmin):
    """Let superusers alone change what gives rights."""

    def get_readonly_fields(self, request, obj=None):
        fixed = [] if request.user.is_superuser else [name for name in GRANTING if hasattr(self.model, name)]
        return [*super().get_readonly_fields(request, obj), *fixed]


@admin.register(User)
class AccountAdmin(GrantingAdmin, UserAdmin):
    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._is_equal(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._is_equal(request.user, obj)

    def _is_equal(self, user, other):
        """Return whether a user has all rights that another account has: a new password would give them those."""
        if user.is_superuser or other is None:
            return True
        return not other.is_superuser and other.get_all_permissions() <= user.get_all_permissions()


@admin.register(Group)
class TeamAdmin(GrantingAdmin, GroupAdmin):
    pass
