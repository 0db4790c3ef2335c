"""Fields that Django lacks: text and addresses exactly as their source has them, and text in bytewise order."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models

URL_LENGTH = 2048  # the longest address seen has 330 characters


class Verbatim:
    """Text exactly as its source has it: a form keeps blanks at its ends."""

    def formfield(self, **options):
        return super().formfield(**{"strip": False, **options})


class VerbatimField(Verbatim, models.CharField):
    pass


class VerbatimTextField(Verbatim, models.TextField):
    pass


class AddressField(VerbatimField):
    """A web address exactly as its source has it.

    It is no URLField, because real addresses hold blanks and line separators, and saving an unchanged article must
    never fail.
    """

    def __init__(self, *args, **options):
        options.setdefault("max_length", URL_LENGTH)
        options.setdefault("blank", True)
        super().__init__(*args, **options)

    default_validators = [
        RegexValidator(r"(?is)^https?://[^\s/?#]", "Enter an address that starts with http:// or https://.")
    ]


class BytewiseField(models.CharField):
    """Text that sorts by code point on every database, whatever its collation."""

    def db_parameters(self, connection):
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation


def default_of(model: type[models.Model], name: str) -> Any:
    """Return the default of a model's field."""
    return model._meta.get_field(name).get_default()
