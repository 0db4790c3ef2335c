"""Fields of forms that take any value that a browser may send."""

import json

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from ..pictures import copies, imaging
from ..text.numbers import read_id

TYPES = ("jpeg", "png", "gif", "webp", "avif")


class FoundSelect(AutocompleteSelect):
    """Django's choice of a row by its words, which would look for any text as an id when the form is shown again."""

    row = None  # the row that is chosen, if it is loaded

    def optgroups(self, name, value, attr=None):
        if self.row and list(map(str, value)) == [str(self.row.pk)]:
            chosen = (self.row.pk, self.choices.field.label_from_instance(self.row))
            pairs = [chosen] if self.is_required else [("", ""), chosen]
            options = [self.create_option(name, pk, label, pk == self.row.pk, n) for n, (pk, label) in enumerate(pairs)]
            return [(None, options, 0)]
        return super().optgroups(name, [text for text in value if read_id(str(text))], attr)


def use_loaded_rows(form):
    """Let the choices of a form name the rows that its instance has loaded, without a query for each."""
    for name, field in form.fields.items():
        widget = getattr(field.widget, "widget", field.widget)
        if isinstance(widget, FoundSelect):
            widget.row = form.instance._state.fields_cache.get(name)


class Choices(forms.ModelMultipleChoiceField):
    """Django's choice of some rows, which would look for numbers that no database can store."""

    def clean(self, value):
        for text in self.prepare_value(value) or ():
            if not read_id(str(text)):
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": text})
        return super().clean(value)


class PictureField(forms.FileField):
    """A picture that is uploaded: the value is a copy of it, encoded anew."""

    def __init__(self, **options):
        told = f"A JPEG, PNG, GIF, WebP or AVIF picture of {imaging.MAX_BYTES // 1_000_000} MB at most."
        super().__init__(**{**options, "help_text": told})

    def to_python(self, data):
        file = super().to_python(data)
        if file is None:
            return None
        if file.size > imaging.MAX_BYTES:
            found = f"{file.size / 1_000_000:.1f} MB"
            raise ValidationError(f"Expected {imaging.MAX_BYTES // 1_000_000} MB at most, found {found}.")
        try:
            return copies.Upload(file.read())
        except imaging.PictureError as error:
            raise ValidationError(str(error)) from error

    def widget_attrs(self, widget):
        return {**super().widget_attrs(widget), "accept": ", ".join(f"image/{name}" for name in TYPES)}


class Json(forms.JSONField):
    """JSON that both databases can store: no NUL, no endless or huge numbers, nothing too deep."""

    def to_python(self, value):
        try:
            found = super().to_python(value)
            written = json.dumps(found, allow_nan=False)
        except (ValueError, RecursionError) as error:  # ValidationError is neither
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": "JSON"}) from error
        if "\\u0000" in written:
            raise ValidationError(self.error_messages["invalid"], "invalid", {"value": "NUL"})
        return found

    def bound_data(self, data, initial):
        try:
            return super().bound_data(data, initial)
        except (ValueError, RecursionError):
            return InvalidJSONInput(data)  # as it was typed

    def has_changed(self, initial, data):
        try:
            return super().has_changed(initial, data)
        except (ValueError, RecursionError):
            return True


class StrictFields:
    """What forms of the admin have in common, and those of rows within them."""

    def formfield_for_foreignkey(self, db_field, request, **options):
        if db_field.name in self.get_autocomplete_fields(request):
            options.setdefault("widget", FoundSelect(db_field, self.admin_site, using=options.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def formfield_for_manytomany(self, db_field, request, **options):
        return super().formfield_for_manytomany(db_field, request, **{"form_class": Choices, **options})
