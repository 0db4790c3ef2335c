"""Forms that save only what their editor changed, whatever changed meanwhile."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from ..provenance.merge import merge_lists


class LinesField(forms.CharField):
    """A list of texts, one a line."""

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


class SeenForm(forms.ModelForm):
    """Carries what it showed, and takes the stored value of each field that comes back unchanged.

    A long text is unchanged if only its line ends differ: browsers write CR LF.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            self.carry_seen()

    def carry_seen(self):
        for field in self.fields.values():
            # Not of a file: no browser sends one back.
            field.show_hidden_initial = not isinstance(field, forms.FileField)

    @cached_property
    def changed_data(self):
        return [name for name in super().changed_data if not self._came_back(name)]

    def _came_back(self, name):
        """Whether a field's text is as it was sent; its choice may be gone since."""
        bound = self[name]
        sent = bound.field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        return bound.field.show_hidden_initial and sent is not None and sent == bound.data

    def full_clean(self):
        untouched = self._untouched()
        for field in untouched:
            field.disabled = True  # Django then takes the stored value, whatever came back
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
            stored = getattr(self.instance, name, "")
            if isinstance(field.widget, forms.Textarea) and isinstance(stored, str) and name in cleaned:
                cleaned[name] = stored if lines(cleaned[name]) == lines(stored) else cleaned[name]
        return cleaned

    def seen(self, name):
        """A field's value when the form was opened; of a choice that is gone since, None."""
        bound = self[name]
        widget = bound.field.hidden_widget()
        shown = widget.value_from_datadict(self.data, self.files, bound.html_initial_name)
        try:
            return bound.field.to_python(bound.field.clean(shown) if isinstance(shown, list) else shown)
        except ValidationError:
            return None


def lines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


class RowForm(SeenForm):
    """A row of a list within another form."""

    is_gone = False  # whether an import removed the row while the form was open

    def row(self, seen=False):
        """The row as its editor saw it, or left it; as a dictionary of the form's fields."""
        if self.instance.pk is None and not self.is_gone:
            return self.cleaned_data
        return {
            name: self.cleaned_data.get(name) if name in self.changed_data and not seen else self.seen(name)
            for name, field in self.fields.items()
            if field.show_hidden_initial
        }


class RowFormSet(forms.BaseInlineFormSet):
    """Rows that may be gone when they come back: those that nobody changed stay so, others are added anew."""

    def _construct_form(self, i, **options):
        form = super()._construct_form(i, **options)
        if self.is_bound and i < self.initial_form_count() and form.instance.pk is None:
            form.is_gone = True
            form.fields["id"] = forms.CharField(required=False, widget=forms.HiddenInput, disabled=True)
            form.carry_seen()
            form.empty_permitted, form.use_required_attribute = not form.has_changed(), False
        return form

    def save_new_objects(self, commit=True):
        made = super().save_new_objects(commit)
        anew = [form for form in self.forms if form.is_gone and form.has_changed() and form not in self.deleted_forms]
        self.new_objects += [self.save_new(form, commit=commit) for form in anew]
        return self.new_objects if anew else made


class MergedFormSet(RowFormSet):
    """A list of an article: what its editor did to it is merged with what an import did meanwhile."""

    field = ""

    def item(self, row, form):
        """A row as an item of the article's values, or None for an empty one."""
        raise NotImplementedError

    def _items(self, rows):
        last = len(self.forms)
        rows = sorted(rows, key=lambda pair: last if pair[0].get("position") is None else pair[0]["position"])
        return [item for item in (self.item(row, form) for row, form in rows) if item is not None]

    def seen(self):
        """The list when the form was opened."""
        return self._items((form.row(seen=True), form) for form in self.initial_forms if form.cleaned_data)

    def left(self):
        """The list as its editor left it."""
        kept = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        return self._items((form.row(), form) for form in kept)

    def merged(self, current):
        """The list to store, given the one stored now, and whether both sides changed the same in it."""
        seen, left = self.seen(), self.left()
        if left == seen:
            return current, False
        merged = merge_lists(seen, left, current, self.field)
        return (left, True) if merged is None else (merged, False)


class ListRowForm(RowForm):
    """A row of a list that is stored as a whole: places and repeats are the list's matter."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["position"].required = False
        self.fields["position"].help_text = "Empty: the last."
        if self.instance.pk is None:
            self.initial["position"] = None

    def validate_constraints(self):
        """An import may have added the same meanwhile."""
