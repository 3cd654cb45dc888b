"""What came of a survey: three texts, and the records that followed."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime

from communities.models import Action, Escalation
from cop_portal.design.forms import Checkboxes, LongTextField

LONGEST = 2000


class _Actions(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, action: Any) -> str:
        return f"{action.text} ({action.get_state_display().lower()}, agreed {date_format(action.agreed_on)})"


class _Escalations(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, escalation: Any) -> str:
        asked_on = date_format(localtime(escalation.asked_at))
        return f"{escalation.problem.title} (put to {escalation.lever_holder.title}, {asked_on})"


class HeardForm(forms.Form):
    """Only actions and escalations that are offered can be chosen."""

    you_said = LongTextField(
        max_length=LONGEST,
        label="You said",
        help_text="In a sentence or two, what members said. Your words, not theirs: quote nobody.",
        error_messages={"required": "Say in a sentence what members said."},
    )
    we_heard = LongTextField(
        max_length=LONGEST, required=False, label="We heard", help_text="What you make of it, and why."
    )
    we_did = LongTextField(
        max_length=LONGEST, required=False, label="We did", help_text="What has come of it so far, or what will."
    )
    actions = _Actions(
        queryset=Action.objects.none(), required=False, widget=Checkboxes(), label="Actions that came of it"
    )
    escalations = _Escalations(
        queryset=Escalation.objects.none(),
        required=False,
        widget=Checkboxes(),
        label="Problems put to someone who can act",
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput())

    def __init__(self, *args: Any, actions: QuerySet[Action], escalations: QuerySet[Escalation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A list cut off at so many cannot be filtered any more, so it is asked for again by its keys.
        chosen_from: dict[str, QuerySet[Any]] = {
            "actions": Action.objects.filter(pk__in=[one.pk for one in actions]).order_by("-agreed_on", "-pk"),
            "escalations": Escalation.objects.filter(pk__in=[one.pk for one in escalations])
            .select_related("problem", "lever_holder__organisation")
            .order_by("-asked_at", "-pk"),
        }
        for name, queryset in chosen_from.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelMultipleChoiceField) and queryset:
                field.queryset = queryset
            else:
                del self.fields[name]
