"""What is asked where articles are removed: in triage, of many, and in the form of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Action, Article

MAX_REASON = Action._meta.get_field("reason").max_length
NOTE: Any = Article._meta.get_field("withdrawal_note")


class RemovalForm(forms.Form):
    """Why articles are removed: for the record, and for readers if they are told."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=MAX_REASON,
        help_text=_("Only the record of actions has it, not the site."),
        widget=forms.TextInput(attrs={"class": "wide"}),
    )
    note = NOTE.formfield(
        label=_("Public note"),
        help_text=_("Their addresses show only this. If empty, their addresses are not found."),
        widget=forms.Textarea({"rows": 3}),
    )
