"""The brief about a problem, whom it goes to, and what the person who can act answers."""

from typing import Any

from django import forms

from communities.forms.fields import NO_PATIENT_DATA
from communities.models import Escalation, LeverHolder, Organisation
from communities.services.problems.briefs import LONGEST
from cop_portal.design.forms import LongTextField, Radios

MAIL, BY_HAND = "mail", "by_hand"
NO_NAMES = "Members read this: write posts, not names."


class BriefForm(forms.Form):
    """One page. The limits together fill it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    in_the_way = LongTextField(
        max_length=LONGEST["in_the_way"],
        label="What is in the way",
        help_text=f"For someone new to it. {NO_PATIENT_DATA}",
    )
    tried = LongTextField(max_length=LONGEST["tried"], required=False, label="What we tried")
    evidence = LongTextField(max_length=LONGEST["evidence"], required=False, label="What we know")
    ask = LongTextField(
        max_length=LONGEST["ask"],
        label="What we ask",
        help_text="One thing that the person who can act can say yes or no to.",
    )
    waiting_costs = LongTextField(max_length=LONGEST["waiting_costs"], required=False, label="What waiting costs")


class DiscardBriefForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)


class SendBriefForm(forms.Form):
    """Who can act, and how the brief gets to them: a choice without a default, because mail cannot be called back."""

    # What is needed depends on who it is, and on how it gets to them.
    marks_optional = False

    version = forms.IntegerField(widget=forms.HiddenInput)
    known = forms.ModelChoiceField(
        queryset=LeverHolder.objects.none(),
        required=False,
        label="Someone you have asked before",
        help_text="Leave this empty to name someone new.",
    )
    name = forms.CharField(max_length=150, required=False, label="Name")
    post = forms.CharField(
        max_length=150, required=False, label="Post", help_text="Members see the post, never the name."
    )
    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.order_by("name"),
        required=False,
        label="Organisation",
        help_text="If it is on the list. Otherwise say it with the post.",
    )
    email = forms.EmailField(required=False, label="Mail address", help_text="Needed where it goes by mail.")
    how = forms.ChoiceField(
        label="How does it get to them?",
        choices=[(MAIL, "By mail, with a personal link to answer"), (BY_HAND, "I have given it to them myself")],
        widget=Radios(hints={MAIL: "It leaves at once. We remind them once.", BY_HAND: "Nothing is sent."}),
    )

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["known"].queryset = known  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not said.get("known"):
            for name, words in (("name", "Enter the name of the person who can act"), ("post", "Enter their post")):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, words)
            if said.get("how") == MAIL and not said.get("email") and "email" not in self.errors:
                self.add_error("email", "Enter the mail address of the person who can act")
        return said


class SendLinkAgainForm(forms.Form):
    email = forms.EmailField(
        label="Mail address",
        help_text="The link that was sent before stops working, also if the address stays the same.",
    )


class WithdrawEscalationForm(forms.Form):
    because = LongTextField(max_length=500, label="Why do you take it back?", help_text=NO_NAMES)


class RecordAnswerForm(forms.Form):
    """A reply that did not come through the link."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Escalation.Verdict.choices, widget=Radios(), label="What did they answer?")
    answer = LongTextField(max_length=2000, required=False, label="In their words, or yours", help_text=NO_NAMES)
    said_by = forms.CharField(
        max_length=200, label="Who answered?", help_text="A name. Only those who run the community see it."
    )
    answered_on = forms.DateField(label="When?", widget=forms.DateInput())
    came_by = forms.CharField(
        max_length=200, label="How did it come?", help_text="For example, by mail, or in person at the board. No names."
    )


class ReplyForm(forms.Form):
    """The answer of the person who can act, behind their link. Never with a default."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    verdict = forms.ChoiceField(
        label="What is your answer?",
        choices=[
            (Escalation.Verdict.WILL_ACT, "I will act"),
            (Escalation.Verdict.DECLINED, "I decline"),
            (Escalation.Verdict.ELSEWHERE, "Someone else can act"),
        ],
        widget=Radios(),
        error_messages={"required": "Choose one of the three answers"},
    )
    answer = LongTextField(
        max_length=2000,
        required=False,
        label="What would you like the community to know?",
        help_text=f"For example what you will do and by when, why not, or who can act. {NO_PATIENT_DATA}",
    )


class NotMeForm(forms.Form):
    """Whether the answer was theirs. Never with a default."""

    MINE, NOT_MINE = "mine", "not_mine"

    version = forms.IntegerField(widget=forms.HiddenInput)
    whose = forms.ChoiceField(
        label="Did you give this answer?",
        choices=[(MINE, "Yes, it is my answer"), (NOT_MINE, "No, this was not me")],
        widget=Radios(hints={NOT_MINE: "It is taken out, the community is told, and you get a new link."}),
        error_messages={"required": "Choose whether the answer is yours"},
    )
