"""The forms of the admin. An import may run while one is open, so each saves only what its editor changed."""

from django import forms
from django.utils.html import format_html

from ..models import Article, Provider, Story, Topic
from ..pictures import copies
from ..provenance.values import IMAGE_COLUMNS, without_blanks
from ..stories import leads
from ..text.numbers import read_id
from . import succession
from .conflict_aware_forms import ConflictAwareForm, LinesField, MergedFormSet, RowForm
from .fields import Choices, FoundSelect
from .presentation import names


class LogoForm(RowForm):
    def save(self, commit=True):
        """Keep an upload. Drop our copy when the address changes: it is of the old address."""
        file = self.cleaned_data.get("file")
        if isinstance(file, copies.Upload):
            for name, value in file.keep().items():
                setattr(self.instance, name, value)
        elif file is False or ("url" in self.changed_data and "file" not in self.changed_data):
            self.instance.forget_copy()
        return super().save(commit)


class TopicFormSet(MergedFormSet):
    field = "topics"

    def item(self, row, form):
        tag = row.get("tag")
        is_same = tag and form.instance.name and form.initial.get("tag") == tag.pk
        return form.instance.name if is_same else tag and tag.name


class TagFormSet(MergedFormSet):
    field = "tags"

    def item(self, row, form):
        return row.get("name") or None


class ImageFormSet(MergedFormSet):
    field = "images"

    def item(self, row, form):
        values = {name: row.get(name) for name in IMAGE_COLUMNS} | {"extra": form.instance.extra}
        return without_blanks(values) if row.get("url") else None

    def uploads(self):
        """Return what the editor did to our copies: pairs of an image's URL and its upload, or False to drop it."""
        return [
            (form.cleaned_data["url"], form.cleaned_data["file"])
            for form in self.forms
            if form.cleaned_data and "file" in form.changed_data and form not in self.deleted_forms
        ]


TOPIC_FIELDS = ("suggested_topics", "find_topics")
ASIDE = (*TOPIC_FIELDS, succession.ANSWER)  # fields of the form that are no columns


class ArticleForm(ConflictAwareForm):
    suggested_topics = Choices(
        Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Topics with a keyword in the title. Select the ones to add.",
    )
    find_topics = forms.BooleanField(
        label="Add suggested topics", required=False, initial=True, help_text="Topics with a keyword in the title."
    )
    stories = forms.ChoiceField(  # the row is hidden until it is needed
        label="Its story", choices=succession.ANSWERS, required=False, widget=forms.HiddenInput
    )

    class Meta:
        model = Article
        fields = "__all__"
        help_texts = {"published": "Readers see it in lists. Coverage is seen below its story's lead in any case."}
        widgets = {"title": forms.TextInput(attrs={"class": "wide"})}

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.stored_fields = [name for name in self.fields if name not in ASIDE]
        del self.fields["find_topics" if self.instance.pk else "suggested_topics"]
        self.losses = []  # stories that readers will not see any more
        self.fields[succession.ANSWER].show_hidden_initial = False
        if "suggested_topics" in self.fields:
            self.fields["suggested_topics"].show_hidden_initial = False  # not a column of the article
            self.fields["suggested_topics"].queryset = Topic.objects.filter(pk__in=self._suggested())

    def clean(self):
        """Ask what becomes of the article's story if readers would no longer see it."""
        cleaned = super().clean()
        if self.instance.pk and not self.errors:
            changed = {name: cleaned[name] for name in self.changed_data if name in leads.DECISIVE and name in cleaned}
            if "story" in changed:
                changed["story"] = changed["story"] and changed["story"].pk
            stored = Article.objects.get(pk=self.instance.pk)  # the instance may have new values already
            self.losses = leads.losses([stored.pk]) if leads.takes_away(stored, changed) else []
            if self.losses and not cleaned.get(succession.ANSWER):
                self._ask(self.losses[0])
        return cleaned

    def _ask(self, loss):
        field = self.fields[succession.ANSWER]
        (first, label), hide = succession.ANSWERS
        field.choices = [(first, format_html("{}: {}", label, names([loss.heir.title]))), hide] if loss.heir else [hide]
        field.widget = forms.RadioSelect({"class": "radiolist"}, field.choices)
        self.add_error(succession.ANSWER, f"This {loss} Choose what to do.")

    def _suggested(self):
        """Return the ids of topics that the title names and the article lacks."""
        there = set(self.instance.topic_links.values_list("tag", flat=True))
        return [topic.pk for topic in Topic.objects.named_in(self.instance.title) if topic.pk not in there]

    def topics_to_add(self):
        """Return the names of the topics to add: those selected, or of a new article all its title names."""
        if self.cleaned_data.get("find_topics"):
            return [topic.name for topic in Topic.objects.named_in(self.instance.title)]
        return [topic.name for topic in self.cleaned_data.get("suggested_topics") or ()]

    def shown_values(self):
        """Return what the form showed for each field that the editor changed."""
        found = {name: self.shown_value(name) for name in self.changed_data if name not in ASIDE}
        if "story" in found:
            found["story"] = read_id(self.data.get(self["story"].html_initial_name))  # the story may be gone
        if {"provider", "provider_name"} & found.keys():
            provider, name = self.shown_value("provider"), self.shown_value("provider_name")
            found["provider"] = {"name": name, "domain": provider.domain if provider else ""}
        return found


class SlugField(forms.CharField):
    """A slug. The model has its rule, which takes marks as well."""

    def __init__(self, *arguments, allow_unicode=True, **options):
        super().__init__(*arguments, **options)


class TopicForm(ConflictAwareForm):
    class Meta:
        model = Topic
        fields = "__all__"
        field_classes = {**dict.fromkeys(("keywords", "hashtags", "images"), LinesField), "slug": SlugField}
        help_texts = dict.fromkeys(("keywords", "hashtags", "images"), "One per line.")


class ProviderForm(ConflictAwareForm):
    class Meta:
        model = Provider
        fields = "__all__"
        field_classes = {"other_names": LinesField}
        help_texts = {"other_names": "One per line."}


class StoryChoiceForm(forms.Form):
    """Choose another story by words of its headline or its lead's title."""

    story = forms.ModelChoiceField(Story.objects.filter(merged_into=None), label="Another story", required=False)

    def __init__(self, *arguments, site, **options):
        super().__init__(*arguments, **options)
        choices = self.fields["story"].choices
        self.fields["story"].widget = FoundSelect(Article._meta.get_field("story"), site, choices=choices)
