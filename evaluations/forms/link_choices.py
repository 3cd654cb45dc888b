"""What can be said behind a link instead of answering, and at /me/mail/. Nothing is chosen beforehand."""

from enum import StrEnum
from typing import Any

from django import forms

from cop_portal.design.forms import Radios


class LinkChoice(StrEnum):
    NOT_THIS = "not_this"
    AGAIN = "again"
    OWN_ONLY = "own_only"
    NOT_ME = "not_me"


WORDS: dict[str, str] = {
    LinkChoice.NOT_THIS: "Do not ask me again about this. I can still answer until it closes",
    LinkChoice.AGAIN: "Do remind me about this after all",
    LinkChoice.OWN_ONLY: "Stop all mail but about my own actions, from every community",
    LinkChoice.NOT_ME: "Not me: this mail reached the wrong person",
}


class LinkChoiceForm(forms.Form):
    """`is_stopped`: mail about this survey has been stopped already, and can be asked for again."""

    choice = forms.ChoiceField(
        label="What would you like?",
        widget=Radios(),
        error_messages={
            "required": "Choose what you would like, or close this page: then nothing changes",
            "invalid_choice": "Choose one of the answers in the list",
        },
    )

    def __init__(self, *args: Any, is_stopped: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = LinkChoice.AGAIN if is_stopped else LinkChoice.NOT_THIS
        offered = (first, LinkChoice.OWN_ONLY, LinkChoice.NOT_ME)
        self.fields["choice"].choices = [(choice, WORDS[choice]) for choice in offered]  # type: ignore[attr-defined]


class MailChoiceForm(forms.Form):
    """What someone is mailed, as it now is, to be changed."""

    wanted = forms.ChoiceField(
        label="What do you want to be mailed?",
        choices=[
            ("all", "Everything: sessions, minutes, questions and what came of them"),
            ("own", "Only what is mine to do, and what concerns my account"),
        ],
        widget=Radios(),
    )
