"""The forms of the admin. An import may run while one is open, so each saves only what its editor changed."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from ..models import MAX_EXCERPT, Article, Provider, Story, Topic
from ..pictures import copies
from ..provenance.values import IMAGE_COLUMNS, without_blanks
from ..stories import leads
from ..suggestions import matching
from ..sync import decisions, organizations, topic_values
from ..text.numbers import read_id
from . import succession
from .conflict_aware_forms import ConflictAwareForm, LinesField, ListRowForm, MergedFormSet, RowForm
from .fields import Choices, use_loaded_rows
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


class ImageForm(ListRowForm):
    """A picture. One that is uploaded needs no address: it gets the one that readers have it at."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["url"].required = False

    def clean(self):
        cleaned = super().clean()
        file, url = cleaned.get("file"), cleaned.get("url")
        if not url and "url" not in self.errors:
            if isinstance(file, copies.Upload):
                cleaned["url"] = copies.waiting_address(file, self.prefix)
            elif "file" not in self.errors and (cleaned or self.instance.pk):
                self.add_error("url", "Enter an address, or choose a picture.")
        elif file is False and copies.is_ours(url):
            self.add_error("file", "It is kept nowhere else: delete the picture instead.")
        return cleaned


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


SAME_PAGE = "same-page"  # the article that an editor was told of, which has the same address
ASIDE = ("suggested_topics", "reason", succession.ANSWER)  # fields of the form that are no columns


def suggested_topics(article):
    """Return the topics of an article's site that its title names and it lacks."""
    there = set(article.topic_links.values_list("tag", flat=True))
    return [topic for topic in Topic.objects.named_in(article.title, article.source) if topic.pk not in there]


class FileRowForm(ConflictAwareForm):
    """A form of a row with a file of its own."""

    of_row: Any = None  # returns a row's values in the shape of its file's

    def is_of_file(self, name):
        values = type(self).of_row(self.instance)
        name = "provider" if name == "provider_name" else name
        return name in values and decisions.is_of_file(self.instance, name, values[name])


class ArticleForm(FileRowForm):
    of_row = staticmethod(lambda article: decisions.values_of(article.pk))
    suggested_topics = Choices(
        Topic.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Topics of this site with a keyword in the title. Select the ones to add.",
    )
    stories = forms.ChoiceField(  # the row is hidden until it is needed
        label="Its story", choices=succession.ANSWERS, required=False, widget=forms.HiddenInput
    )

    reason = forms.CharField(
        required=False, max_length=500, help_text="Why you change it. Only the record of actions has it, not the site."
    )

    class Meta:
        model = Article
        fields = "__all__"
        help_texts = {"published": "Readers see it in lists. Coverage is seen below its story's lead in any case."}
        widgets = {
            "title": forms.TextInput(attrs={"class": "wide"}),
            **dict.fromkeys(("note", "withdrawal_note", "correction"), forms.Textarea({"rows": 3})),
        }

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        use_loaded_rows(self)
        self.stored_fields = [name for name in self.fields if name not in ASIDE]
        self.losses = []  # stories that readers will not see any more
        self.fields[succession.ANSWER].show_hidden_initial = self.fields["reason"].show_hidden_initial = False
        if self.instance.pk:
            self.fields["suggested_topics"].show_hidden_initial = False  # not a column of the article
            suggested = [topic.pk for topic in suggested_topics(self.instance)]
            self.fields["suggested_topics"].queryset = Topic.objects.filter(pk__in=suggested)
        else:
            del self.fields["suggested_topics"]

    def clean(self):
        """Tell of another article with the same page, and ask what becomes of a story that would be hidden."""
        cleaned = super().clean()
        self._tell_of_same_page(cleaned)
        if "removed" in self.changed_data:
            self._remove_or_restore(cleaned)
        if self.instance.pk and not self.errors:
            changed = {name: cleaned[name] for name in self.changed_data if name in leads.DECISIVE and name in cleaned}
            if "story" in changed:
                changed["story"] = changed["story"] and changed["story"].pk
            stored = Article.objects.get(pk=self.instance.pk)  # the instance may have new values already
            self.losses = leads.losses([stored.pk]) if leads.takes_away(stored, changed) else []
            if self.losses and not cleaned.get(succession.ANSWER):
                self._ask(self.losses[0])
        return cleaned

    def _remove_or_restore(self, cleaned):
        """Do what the same does in lists: what is removed is not published either; a restored article has no note."""
        name, value = ("published", False) if cleaned.get("removed") else ("withdrawal_note", "")
        if cleaned.get(name) and (value is False or name not in self.changed_data):
            cleaned[name] = value
            self.changed_data[:] = dict.fromkeys([*self.changed_data, name])

    def _ask(self, loss):
        field = self.fields[succession.ANSWER]
        (first, label), hide = succession.ANSWERS
        field.choices = [(first, format_html("{}: {}", label, names([loss.heir.title]))), hide] if loss.heir else [hide]
        field.widget = forms.RadioSelect({"class": "radiolist"}, field.choices)
        self.add_error(succession.ANSWER, f"This {loss} Choose what to do.")

    def _tell_of_same_page(self, cleaned):
        """Tell at once of another article with the same page. Who saves again adds this one too."""
        source = self.instance.source if self.instance.pk else cleaned.get("source")
        if source and cleaned.get("web_url") and "web_url" in self.changed_data:
            other = matching.same_page(Article(pk=self.instance.pk, web_url=cleaned["web_url"], source=source))
            if other and self.data.get(SAME_PAGE) != str(other.pk):
                address = reverse("admin:articles_article_change", args=[other.pk])
                text = '<a href="{}">{}</a> has this address already. To store this article too, save again.{}'
                known = format_html('<input type="hidden" name="{}" value="{}">', SAME_PAGE, other.pk)
                self.add_error("web_url", format_html(text, address, other, known))

    def topics_to_add(self):
        """Return the names of the suggested topics that were selected."""
        return [topic.name for topic in self.cleaned_data.get("suggested_topics") or ()]

    def shown_values(self):
        """Return what the form showed for each field that the editor changed."""
        found = {name: self.shown_value(name) for name in self.changed_data if name not in ASIDE}
        if "story" in found:
            found["story"] = read_id(self.data.get(self["story"].html_initial_name))  # the story may be gone
        if {"provider", "provider_name"} & found.keys():
            provider, name = self.shown_value("provider"), self.shown_value("provider_name")
            printed = self.before["provider"]["domain"]
            is_merged = provider and Provider.objects.merged([printed]).get(printed) == provider.pk
            domain = printed if is_merged else provider.domain if provider else ""
            found["provider"] = {"name": name, "domain": domain}
        return found


class SlugField(forms.CharField):
    """A slug. The model has its rule, which takes marks as well."""

    def __init__(self, *arguments, allow_unicode=True, **options):
        super().__init__(*arguments, **options)


class TopicForm(FileRowForm):
    of_row = staticmethod(topic_values.of_topic)

    class Meta:
        model = Topic
        fields = "__all__"
        field_classes = {**dict.fromkeys(("keywords", "hashtags", "images"), LinesField), "slug": SlugField}
        help_texts = dict.fromkeys(("keywords", "hashtags", "images"), "One per line.")


class ProviderForm(FileRowForm):
    of_row = staticmethod(organizations.of_provider)

    class Meta:
        model = Provider
        fields = "__all__"
        field_classes = {"other_names": LinesField}
        help_texts = {"other_names": "One per line."}


class StoryTextForm(ConflictAwareForm):
    """A story's own headline and summary. A text that is not sent stays."""

    summary = forms.CharField(
        label="Summary (leave empty to use the lead's excerpt)",
        required=False,
        max_length=MAX_EXCERPT,
        widget=forms.Textarea({"rows": 4, "cols": 80}),
    )

    class Meta:
        model = Story
        fields = ["headline", "summary"]
        labels = {"headline": "Headline (leave empty to use the lead's)"}
        widgets = {"headline": forms.TextInput({"size": 80})}

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        if self.is_bound:
            self.fields = {name: field for name, field in self.fields.items() if name in self.data}
