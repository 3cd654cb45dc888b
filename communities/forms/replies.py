"""Saying whether one comes: a choice without a default."""

from django import forms

from communities.models import Reply
from cop_portal.design.forms import Radios


class ReplyForm(forms.Form):
    answer = forms.ChoiceField(choices=Reply.Answer.choices, widget=Radios(), label="Will you come?")
