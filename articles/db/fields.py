"""Fields that Django lacks: text exactly as its source has it, and text in bytewise order."""

from typing import Any

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


class BytewiseField(models.CharField):
    """Text that sorts by code point on every database, whatever its collation."""

    def db_parameters(self, connection):
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation


def default_of(model: type[models.Model], name: str) -> Any:
    """Return the default of a model's field."""
    return model._meta.get_field(name).get_default()
