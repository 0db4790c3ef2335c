"""Forms that save only what their editor changed, even if an import ran while they were open.

A form carries the value it showed in a hidden field beside each field. A field that comes back as it was shown is
unchanged and keeps the stored value, which may be newer. Of the others, `shown_value` says what the editor saw, so
that a change by both sides becomes a conflict.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from ..provenance.merge import merge_lists
from ..sync import decisions
from . import collisions
from .fields import use_loaded_rows


class LinesField(forms.CharField):
    """A list of texts, one per line."""

    widget = forms.Textarea

    def __init__(self, *, encoder=None, decoder=None, **options):
        super().__init__(**options)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        if isinstance(value, list):
            return value
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial, data):
        return self.to_python(data) != (initial or [])


class ConflictAware(forms.BaseModelForm):
    """Keep the stored value of each field that its editor left alone, and tell a second saver of a field.

    A text area is unchanged if only its line ends differ: browsers send CR LF.
    """

    is_draft = False  # whether it shows a text that was typed and not saved
    tells = True  # of fields that somebody else changed meanwhile
    about: Any = None  # the row in whose history changes of this one are, if that is another

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            self.carry_shown_values()

    def carry_shown_values(self):
        """Put the value that the form shows beside each field. Browsers send no file back."""
        self.carrying = [
            name for name, field in self.fields.items() if not isinstance(field, forms.FileField) and not field.disabled
        ]
        for name in self.carrying:
            field, carried = self.fields[name], self.add_initial_prefix(name)
            field.show_hidden_initial = not self.is_bound or self._is_carried(carried, field.hidden_widget())

    def _is_carried(self, name, widget):
        """Return whether a browser sent the value that was shown.

        Of those of several parts none has this name: it is added, or Django shows again what was typed as if that
        were stored.
        """
        if isinstance(widget, forms.MultiWidget | forms.MultipleHiddenInput) and hasattr(self.data, "setlist"):
            if isinstance(widget, forms.MultiWidget) and f"{name}_0" not in self.data:
                return False
            if name not in self.data:
                self.data = self.data.copy()
                self.data.setlist(name, [])
        return name in self.data

    def is_valid(self):
        return not self.is_draft and super().is_valid()

    @cached_property
    def changed_data(self):
        return [name for name in super().changed_data if not self._is_unchanged(name)]

    def _is_unchanged(self, name):
        """Return whether a field came back as it was shown. Compares text: the row it names may be gone."""
        bound = self[name]
        shown = self._shown_data(bound)
        if self.instance.pk and collisions.chosen(self.data, bound.html_name)[0] == collisions.THEIRS:
            return True
        return bound.field.show_hidden_initial and shown is not None and shown == bound.data

    def _shown_data(self, bound):
        return bound.field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)

    def full_clean(self):
        untouched = self._untouched()
        for field in untouched:
            field.disabled = True  # Django then keeps the stored value
        super().full_clean()
        for field in untouched:
            field.disabled = False

    def _untouched(self):
        if not self.is_bound or self.instance.pk is None:
            return []
        shown = {name: field for name, field in self.fields.items() if field.show_hidden_initial}
        return [field for name, field in shown.items() if name not in self.changed_data]

    def clean(self):
        cleaned = super().clean()
        for name, field in self.fields.items():
            if isinstance(field.widget, forms.Textarea) and name in cleaned:
                stored = getattr(self.instance, name, "")
                if isinstance(stored, str) and lines(cleaned[name]) == lines(stored):
                    cleaned[name] = stored
        if self.tells and self.instance.pk is not None:
            for name in self.changed_data:
                if name in cleaned and self.fields[name].show_hidden_initial:
                    self._tell(name)
        return cleaned

    def _tell(self, name):
        """Refuse a value if somebody else stored another one since the form was opened, until a choice is made."""
        bound = self[name]
        shown = self._shown_data(bound)
        both_changed = shown is not None and _differs(bound, shown) and _differs(bound, bound.data)
        if not both_changed or self.is_of_file(name):
            return
        stored = self._rows(bound) if hasattr(bound.field, "queryset") else bound.initial
        choice = collisions.chosen(self.data, bound.html_name)
        if choice != (collisions.OURS, collisions.digest(stored)):
            who = collisions.who_changed(self.about or self.instance, name)
            values = (self.shown_value(name), stored, self.cleaned_data[name])
            self.add_error(name, collisions.told(collisions.choice_name(bound.html_name), who, *values))

    def _rows(self, bound):
        """Return the stored row or rows of a field that chooses among some."""
        found = getattr(self.instance, bound.name, None)
        return list(found.all()) if hasattr(found, "all") else found

    def is_of_file(self, name):
        """Return whether a field's stored value is that of a file. Such a collision becomes a conflict."""
        return False

    def shown_value(self, name):
        """Return a field's value when the form was opened, or None if it names a row that is gone."""
        bound = self[name]
        if not bound.field.show_hidden_initial:
            return getattr(self.instance, name, None)
        shown = self._shown_data(bound)
        try:
            if isinstance(bound.field, forms.ModelMultipleChoiceField):
                return list(bound.field.clean(shown))
            return bound.field.to_python(bound.field.clean(shown) if isinstance(shown, list) else shown)
        except ValidationError:
            return None


def _differs(bound, data):
    """Return whether what a browser sent for a field is not its stored value."""
    stored = bound.initial
    if isinstance(stored, str) and isinstance(data, str):
        return lines(stored).strip() != lines(data).strip()
    return bound.field.has_changed(stored, data)


class ConflictAwareForm(ConflictAware, forms.ModelForm):
    """A form of a row in the admin."""


def lines(text):
    """Return a text with LF line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


class RowForm(ConflictAwareForm):
    """A row of a list within another form."""

    is_gone = False  # whether an import removed the row while the form was open

    def row(self, as_shown=False):
        """Return the row's values by field, as its editor left it or, with `as_shown`, as the form showed it."""
        if self.instance.pk is None and not self.is_gone:
            return self.cleaned_data
        return {
            name: self.shown_value(name) if as_shown or name not in self.changed_data else self.cleaned_data.get(name)
            for name in self.carrying
        }


class RowFormSet(forms.BaseInlineFormSet):
    """Rows that an import may have deleted meanwhile: those the editor changed are added again, others stay deleted."""

    def _construct_form(self, i, **options):
        form = super()._construct_form(i, **options)
        form.about = self.instance
        if self.is_bound and i < self.initial_form_count() and form.instance.pk is None:
            form.is_gone = True
            form.fields["id"] = forms.CharField(required=False, widget=forms.HiddenInput, disabled=True)
            form.carry_shown_values()
            form.empty_permitted, form.use_required_attribute = not form.has_changed(), False
        return form

    def save_new_objects(self, commit=True):
        made = super().save_new_objects(commit)
        again = [form for form in self.forms if form.is_gone and form.has_changed() and form not in self.deleted_forms]
        self.new_objects += [self.save_new(form, commit=commit) for form in again]
        return self.new_objects if again else made


class LinkFormSet(RowFormSet):
    def clean(self):
        """Refuse two links to one address: the database does, when it is too late to tell."""
        super().clean()
        seen = set()
        for form in (form for form in self.forms if form not in self.deleted_forms):
            address = form.cleaned_data.get("web_url") if hasattr(form, "cleaned_data") else ""
            if address in seen:
                form.add_error("web_url", "Another link above has this address already.")
            seen |= {address} - {"", None}


class MergedFormSet(RowFormSet):
    """A list of an article. The editor's changes are merged with those that others made meanwhile."""

    field = ""  # of the article's values
    is_ours = True  # whether the editor's changes are stored

    def clean(self):
        """Tell the second of two people who changed the same item, and let them choose."""
        super().clean()
        if self.instance.pk is None or any(self.errors):
            return
        current = decisions.values_of(self.instance.pk)[self.field]
        if not self.merged(current)[1] or decisions.is_of_file(self.instance, self.field, current):
            return
        choice, seen = collisions.chosen(self.data, self.prefix)
        if choice == collisions.THEIRS:
            self.is_ours = False
        elif (choice, seen) != (collisions.OURS, collisions.digest(current)):
            who = collisions.who_changed(self.instance, self.field)
            name = collisions.choice_name(self.prefix)
            raise ValidationError(collisions.told(name, who, self.shown(), current, self.edited()))

    def item(self, row, form):
        """Return a row as an item of the article's values, or None for an empty one."""
        raise NotImplementedError

    def _items(self, rows):
        last = len(self.forms)
        rows = sorted(rows, key=lambda pair: last if pair[0].get("position") is None else pair[0]["position"])
        return [item for item in (self.item(row, form) for row, form in rows) if item is not None]

    def shown(self):
        """Return the list as it was when the form was opened."""
        return self._items((form.row(as_shown=True), form) for form in self.initial_forms if form.cleaned_data)

    def edited(self):
        """Return the list as its editor left it."""
        kept = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        return self._items((form.row(), form) for form in kept)

    def merged(self, current):
        """Merge with the list stored now. Return the list to store, and whether both sides changed the same item."""
        shown, edited = self.shown(), self.edited()
        if edited == shown or not self.is_ours:
            return current, False
        merged = merge_lists(shown, edited, current, self.field)
        return (edited, True) if merged is None else (merged, False)


class ListRowForm(RowForm):
    """A row of a list that is stored as a whole: the list itself sees to positions, repeats and second savers."""

    tells = False

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        use_loaded_rows(self)
        self.fields["position"].required = False
        self.fields["position"].help_text = "Leave empty to add it at the end."
        if self.instance.pk is None:
            self.initial["position"] = None

    def validate_constraints(self):
        """Check none: an import may have added the same row meanwhile."""
