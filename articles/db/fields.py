"""Columns that Django's ORM lacks: text as its source gives it, addresses as they come, bytewise order."""

from django.core.validators import RegexValidator
from django.db import models

URL_LENGTH = 2048  # the longest address seen has 330 characters


class Verbatim:
    """Text as its source gives it: blanks at its ends come back from a form that nobody touched."""

    def formfield(self, **options):
        return super().formfield(**{"strip": False, **options})


class VerbatimField(Verbatim, models.CharField):
    pass


class VerbatimTextField(Verbatim, models.TextField):
    pass


class AddressField(VerbatimField):
    """A web address as its source gives it. Real ones hold blanks and line separators, so it is not
    a URLField: saving an article that nobody touched must never fail."""

    def __init__(self, *args, **options):
        options.setdefault("max_length", URL_LENGTH)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    default_validators = [
        RegexValidator(r"(?is)^https?://[^\s/?#]", "Enter an address that starts with http:// or https://.")
    ]


class BytewiseField(models.CharField):
    """Text that sorts by its characters' numbers on every database, whatever the language it was set up for."""

    def db_parameters(self, connection):
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation
