"""In an article's form, beside each field that an editor set: what the file says, and the buttons that decide.

The buttons save the form, as Enter does, and then decide about their field.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from ..models import Article, Conflict
from ..provenance import history
from ..provenance.values import from_json
from ..stories.leads import LeadError
from ..sync import decisions
from . import presentation
from .collisions import marked
from .imports import CHOICES, OUTCOMES

FOLLOW, RESOLVE = "follow", "resolve"
SHOWN_AT = {"provider": "provider_name"}  # the form's field of a value that has two


@dataclass(frozen=True)
class Side:
    """What a file says of a field, with the words marked that the editor's value has not, or has instead."""

    field: str
    text: SafeString
    user: Any
    at: datetime | None
    is_conflict: bool
    buttons: list[tuple[str, str]]  # a value of `_continue`, and its words


def sides_of(article: Article, conflicts: dict[str, Conflict], user: Any) -> dict[str, Side]:
    """Return the sides of an article's fields, as far as file and editor say different things, by the form's field."""
    origins = [one for one in history.origins(article) if one.kind == "editor" and one.can_follow]
    titles = presentation.story_titles(
        value for one in origins if one.field == "story" for value in (one.value, one.of_file)
    )
    found = {}
    for one in origins:
        conflict = conflicts.get(one.field)
        said = from_json(one.field, conflict.theirs) if conflict else one.of_file
        own, other = (_text(one.field, value, titles) for value in (one.value, said))
        text = marked(own, other)
        buttons = _buttons(one.field, conflict, user)
        found[SHOWN_AT.get(one.field, one.field)] = Side(one.field, text, one.user, one.at, bool(conflict), buttons)
    return found


def _text(field: str, value: Any, titles: dict[int, str]) -> str:
    if isinstance(value, list):
        return "\n".join(map(presentation.item_text, value)) or presentation.EMPTY
    return str(presentation.shown(field, value, titles))


def _buttons(field: str, conflict: Conflict | None, user: Any) -> list[tuple[str, str]]:
    if conflict is None or not user.has_perm("articles.change_conflict"):
        return [(f"{FOLLOW} {field}", "Follow the file again")]
    choices = CHOICES if conflict.base_is_known else CHOICES[:-1]
    return [(f"{RESOLVE} {field} {choice}", words) for choice, words in choices]


class SidedAdmin(admin.ModelAdmin):
    """Show both values in the form, and decide there."""

    def add_sides(self, request: HttpRequest, context: dict[str, Any], article: Article) -> None:
        """Give the form's fields and lists their sides, and the page the number of conflicts."""
        conflicts = {conflict.field: conflict for conflict in Conflict.objects.open().filter(article=article)}
        context["open_conflicts"] = len(conflicts)
        if not self.has_change_permission(request, article):
            return
        if request.method == "POST" or request.draft:  # the form wrote into it
            article = Article.objects.select_related("source", "provider", "story__lead").get(pk=article.pk)
        found = sides_of(article, conflicts, request.user)
        fields = context["adminform"].form.fields
        lists = {inline.formset.field: inline.formset for inline in context["inline_admin_formsets"]}
        for name, side in found.items():
            if place := fields.get(name) or lists.get(name):
                place.side = side
        context["elsewhere"] = [side for name, side in found.items() if name not in {*fields, *lists}]

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Decide about the field whose button was pressed, as a part of the action that saved the form."""
        what, _, rest = request.POST.get("_continue", "").partition(" ")
        if what in (FOLLOW, RESOLVE):
            field, _, choice = rest.partition(" ")
            try:
                said = self._decide(request, obj, field, choice)
            except (ValueError, LeadError) as error:
                self.message_user(request, f"{field.replace('_', ' ').capitalize()} stays: {error}.", messages.ERROR)
            else:
                record: Any = request.record
                plain = f"Changed {self.called(obj)}"
                record.action.what = said if record.action.what == plain else f"{record.action.what}. {said}"
        return super().response_change(request, obj)

    def _decide(self, request: HttpRequest, article: Article, field: str, choice: str) -> str:
        """Let a field follow its file, or resolve its conflict. Return what was done."""
        name, called = field.replace("_", " "), self.called(article)
        if not choice:
            decisions.follow(article, field, request.user)
            return f"Let {name} of {called} follow its file again"
        conflict = Conflict.objects.open().filter(article=article, field=field).first()
        if conflict is None or not request.user.has_perm("articles.change_conflict"):
            raise ValueError("its conflict was resolved before")
        decisions.resolve(conflict, choice, request.user)
        return f"Resolved the conflict about {name} of {called}: {OUTCOMES[Conflict.Choice(choice)]}"
