"""/components/: every component the portal uses, on one page. In demos, tests and development only."""

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from cop_portal.design.charts import (
    DivergingBar,
    RhythmMark,
    RunLine,
    RunPoint,
    ShareBar,
    diverging_bars,
    rhythm_strip,
    run_chart,
    share_bars,
)
from cop_portal.design.forms import Checkboxes, DateField, LongTextField, Radios

KINDS = [("convening", "Convening"), ("design", "Design group"), ("visit", "Visit")]


class GalleryForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Person's name", max_length=100, help_text="As they like to be called.")
    email = forms.EmailField(label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    heads = forms.IntegerField(label="How many came?", min_value=0)
    kind = forms.ChoiceField(label="Kind of session", choices=[("", "---------"), *KINDS])
    mode = forms.ChoiceField(
        label="Privacy",
        choices=[("anonymous", "Anonymous"), ("named", "Named")],
        widget=Radios(hints={"anonymous": "Nothing stored links a person to an answer."}),
    )
    came = forms.ChoiceField(
        label="Did Ada come?",
        choices=[("room", "Room"), ("online", "Online"), ("no", "Sorry")],
        widget=Radios(is_inline=True),
    )
    who = forms.MultipleChoiceField(label="Who came", choices=[("1", "Ada"), ("2", "Bashir")], widget=Checkboxes)
    held_on = DateField(label="Date of the session")
    starts_at = forms.TimeField(label="Start time")
    closes_at = forms.DateTimeField(label="Closing date and time")
    window = forms.SplitDateTimeField(label="End of the session")
    note = LongTextField(label="What was it about?", max_length=200, required=False)
    purpose = forms.CharField(label="Purpose", widget=forms.Textarea)
    members = forms.FileField(label="List of members")
    finished = forms.BooleanField(label="I have finished")


SHARES = [
    ShareBar("We would say what went wrong", "62% (13 of 21)", share=0.62, low=0.41, high=0.79),
    ShareBar("Between us we have enough say to make the changes we want", "over two thirds", low=2 / 3, high=1),
    ShareBar("I have tried something new", "Hidden: fewer than 5 answers"),
]
ANSWERS = [
    DivergingBar("We would say what went wrong", "4 against, 4 between, 13 for", 4 / 21, 4 / 21, 13 / 21),
    DivergingBar("Sessions come at the right time", "10 against, 1 between, 9 for", 0.5, 0.05, 0.45),
]
RHYTHM = [
    RhythmMark(date(2025, 1, 14), "held"),
    RhythmMark(date(2025, 3, 4), "held"),
    RhythmMark(date(2025, 4, 15), "cancelled"),
    RhythmMark(date(2025, 6, 10), "held"),
    RhythmMark(date(2026, 1, 12), "planned"),
]
RUN = [RunPoint(date(2026, month, 2), value) for month, value in enumerate((11, 12, 10, 11, 6, 4, 3), start=1)]
RUN_LINES = [RunLine("median", 11, "Median: 11 minutes"), RunLine("aim", 3, "Aim: 3 minutes by 1 July 2026")]


@method_decorator(login_not_required, name="dispatch")
class Gallery(TemplateView):
    """Shows components only: nothing here is real, and the form leads nowhere."""

    template_name = "gallery.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            empty_form=GalleryForm(prefix="empty"),
            form=GalleryForm({"name": "A" * 120, "held_on_day": "31", "held_on_month": "2"}),
            shares=share_bars(SHARES, title="Example of shares"),
            answers=diverging_bars(ANSWERS, title="Example of answers for and against"),
            rhythm=rhythm_strip(RHYTHM, title="Example of a rhythm"),
            run=run_chart(
                RUN,
                ends=("3 minutes", "12 minutes"),
                lines=RUN_LINES,
                began_on=date(2026, 4, 20),
                title="Example of a run chart",
            ),
            page_obj=Paginator(range(120), 50).get_page(2),
            **kwargs,
        )
