"""The forms of the admin. An import may run while one is open, so each saves only what its editor changed."""

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator

from ..frontmatter.scalars import BIG
from ..models import Article, Provider, Story, Topic
from ..pictures import imaging
from ..provenance.values import IMAGE_COLUMNS, without_blanks
from .conflict_aware_forms import ConflictAwareForm, LinesField, ListRowForm, MergedFormSet, RowForm


class PictureForm(RowForm):
    def clean_file(self):
        """Refuse an upload that is not a picture we can show."""
        file = self.cleaned_data["file"]
        if isinstance(file, UploadedFile):
            try:
                imaging.read(file.read())
            except imaging.PictureError as error:
                raise ValidationError(str(error)) from error
            file.seek(0)
        return file


class LogoForm(PictureForm):
    def save(self, commit=True):
        """Drop our copy when the address changes: it is of the old address."""
        if "url" in self.changed_data and "file" not in self.changed_data:
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
        """Return what the editor did to our copies: pairs of an image's URL and its file, or "" to drop it."""
        return [
            (form.cleaned_data["url"], form.cleaned_data["file"] or "")
            for form in self.forms
            if form.cleaned_data and "file" in form.changed_data and form not in self.deleted_forms
        ]


class ImageForm(PictureForm, ListRowForm):
    pass


TOPIC_FIELDS = ("suggested_topics", "find_topics")


class ArticleForm(ConflictAwareForm):
    suggested_topics = forms.ModelMultipleChoiceField(
        Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Topics with a keyword in the title. Select the ones to add.",
    )
    find_topics = forms.BooleanField(
        label="Add suggested topics", required=False, initial=True, help_text="Topics with a keyword in the title."
    )

    class Meta:
        model = Article
        fields = "__all__"
        widgets = {"title": forms.TextInput(attrs={"class": "wide"})}

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if "quality" in self.fields:
            self.fields["quality"].validators.append(MaxValueValidator(BIG))  # as in files
        self.stored_fields = [name for name in self.fields if name not in TOPIC_FIELDS]
        del self.fields["find_topics" if self.instance.pk else "suggested_topics"]
        if "suggested_topics" in self.fields:
            self.fields["suggested_topics"].show_hidden_initial = False  # not a column of the article
            self.fields["suggested_topics"].queryset = Topic.objects.filter(pk__in=self._suggested())

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
        found = {name: self.shown_value(name) for name in self.changed_data if name not in TOPIC_FIELDS}
        if "story" in found:
            sent = self.data.get(self["story"].html_initial_name)  # the story may be gone
            found["story"] = int(sent) if (sent or "").isdecimal() else None
        if {"provider", "provider_name"} & found.keys():
            provider, name = self.shown_value("provider"), self.shown_value("provider_name")
            found["provider"] = {"name": name, "domain": provider.domain if provider else ""}
        return found


class TopicForm(ConflictAwareForm):
    class Meta:
        model = Topic
        fields = "__all__"
        field_classes = dict.fromkeys(("keywords", "hashtags", "images"), LinesField)
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
        self.fields["story"].widget = AutocompleteSelect(Article._meta.get_field("story"), site, choices=choices)
