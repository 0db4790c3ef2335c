"""Accounts and groups in the admin. Nobody gives rights, or takes over an account, beyond their own."""

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Count, Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from ..models import SecondFactor
from ..operations import roles
from .base import StrictAdmin
from .conflict_aware_forms import ConflictAware
from .fields import Choices

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


def givable(user):
    """Return the groups that a user may give to others, and take from them: those with no right beyond the user's."""
    if user.is_superuser:
        return Group.objects.all()
    mine, every = (
        user.get_all_permissions(),
        Permission.objects.values_list("pk", "content_type__app_label", "codename"),
    )
    beyond = [pk for pk, label, codename in every if f"{label}.{codename}" not in mine]
    return Group.objects.exclude(permissions__in=beyond)


class RoleChoices(Choices):
    """A choice of groups, each with what it may do in words."""

    def label_from_instance(self, group):
        return format_html("<strong>{}</strong>: {}", *roles.described(group))


class AccountForm(ConflictAware, UserChangeForm):
    """A form of an account."""


@admin.register(User)
class AccountAdmin(GrantingAdmin, UserAdmin):
    """Let those who may change accounts also close them, and give the roles that they could have themselves."""

    form = AccountForm
    filter_horizontal = ["user_permissions"]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "usable_password", "password1", "password2", "groups"]}),
    ]

    def get_readonly_fields(self, request, obj=None):
        free = {"is_active", "groups"} if givable(request.user).exists() else {"is_active"}
        return [name for name in super().get_readonly_fields(request, obj) if name not in free]

    def get_fieldsets(self, request, obj=None):
        """Offer no roles for a new account to who has none to give."""
        found = super().get_fieldsets(request, obj)
        if obj or "groups" not in self.get_readonly_fields(request):
            return found
        return [(name, {**rest, "fields": [one for one in rest["fields"] if one != "groups"]}) for name, rest in found]

    def formfield_for_manytomany(self, db_field, request, **options):
        if db_field.name == "groups":
            options |= {
                "form_class": RoleChoices,
                "queryset": givable(request.user)
                .select_related("role")
                .annotate(number=Count("permissions"))
                .order_by("number", "name"),
                "widget": forms.CheckboxSelectMultiple,
                "label": _("Roles"),
                "help_text": _(
                    "Whoever has a role may log in here. You can give the roles that have no right beyond yours."
                ),
            }
        return super().formfield_for_manytomany(db_field, request, **options)

    def save_related(self, request, form, formsets, change):
        """Let whoever is given a role log in here."""
        super().save_related(request, form, formsets, change)
        account = form.instance
        if "groups" in form.changed_data and not account.is_staff and account.groups.exists():
            account.is_staff = True
            account.save(update_fields=["is_staff"])

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
