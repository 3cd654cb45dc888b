"""What HIN staff fill in to ask several communities at once."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet

from communities.models import Community
from cop_portal.design.forms import Checkboxes
from evaluations.forms.surveys import SetUpSurveyForm
from evaluations.models import Wave


def communities_to_ask(wave: Wave | None = None) -> QuerySet[Community]:
    """Those that a wave may ask: active, and not in it yet; by name."""
    found = Community.objects.filter(state=Community.State.ACTIVE).order_by("name")
    return found if wave is None else found.exclude(surveys__wave=wave)


if TYPE_CHECKING:
    BaseField = forms.ModelMultipleChoiceField[Community]
else:
    BaseField = forms.ModelMultipleChoiceField


class CommunitiesField(BaseField):
    widget = Checkboxes
    default_error_messages = {
        "required": "Choose at least one community",
        "invalid_choice": "Choose communities in the list: one of these is not active, or is in the wave already",
        "invalid_pk_value": "Choose communities in the list",
    }


class SetUpWaveForm(SetUpSurveyForm):
    """What the wave is called, whom it asks, and how."""

    name = forms.CharField(
        label="Name of the wave",
        max_length=100,
        help_text="Such as November 2026. Staff and the pages that set waves side by side call it so.",
        error_messages={"required": "Enter a name for the wave"},
    )
    communities = CommunitiesField(label="Communities", queryset=Community.objects.none())

    field_order = ["name", "communities"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["communities"].queryset = communities_to_ask()  # type: ignore[attr-defined]


class ConfirmWaveForm(SetUpWaveForm):
    """The same answers, carried through the page that says what would happen in each community."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget = forms.MultipleHiddenInput() if name == "communities" else forms.HiddenInput()


class WidenWaveForm(forms.Form):
    """Which further communities a wave asks."""

    communities = CommunitiesField(label="Communities", queryset=Community.objects.none())

    def __init__(self, *args: Any, wave: Wave, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["communities"].queryset = communities_to_ask(wave)  # type: ignore[attr-defined]


class ConfirmWideningForm(WidenWaveForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["communities"].widget = forms.MultipleHiddenInput()
