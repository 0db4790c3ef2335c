"""Which groups of accounts are roles: `articles/operations/roles.py` says what each role may do."""

from django.contrib.auth.models import Group
from django.db import models


class Role(models.Model):
    """A role, its group, and the permissions that it was given: if the group has others, a person edited it."""

    key = models.CharField(max_length=20, primary_key=True)
    group = models.OneToOneField(Group, models.SET_NULL, null=True, help_text="None: a person deleted it.")
    given = models.JSONField(default=list, help_text="Such as articles.change_article.")

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.key
