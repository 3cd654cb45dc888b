"""What is wrong with a form is said in sentences that name the field."""

from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template

from cop_portal.design.forms import DateField, LongTextField
from cop_portal.design.sentences import error_sentences, named

CHOICES = [("a", "A"), ("b", "B")]


def sentences(field: forms.Field, data: dict[str, Any] | None = None, files: Any = None) -> list[str]:
    form = type("AForm", (forms.Form,), {"field": field})(data or {}, files or {})
    return error_sentences(form["field"])


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        (forms.CharField(label="Person's name"), "Enter the person's name"),
        (forms.CharField(label="Your name"), "Enter your name"),
        (forms.CharField(label="ODS code"), "Enter the ODS code"),
        (forms.CharField(label="What was it about?"), "Answer “What was it about?”"),
        (forms.CharField(label="Who leads it"), "Enter who leads it"),
        (forms.DateTimeField(label="Starts at"), "Enter “Starts at”"),
        (forms.EmailField(label="Email address"), "Enter the email address"),
        (forms.ChoiceField(label="Organisation", choices=CHOICES), "Choose the organisation"),
        (
            forms.ChoiceField(label="Kind of session", choices=CHOICES, widget=forms.RadioSelect),
            "Choose the kind of session",
        ),
        (
            forms.MultipleChoiceField(label="Who came", choices=CHOICES, widget=forms.CheckboxSelectMultiple),
            "Choose who came",
        ),
        (forms.BooleanField(label="I have finished"), "Tick the box “I have finished”"),
        (forms.FileField(label="List of members"), "Choose a file for the list of members"),
        (forms.FileField(label="File"), "Choose a file"),
        (DateField(label="Date of the session"), "Enter the date of the session"),
    ],
)
def test_a_field_left_empty_is_named(field: forms.Field, sentence: str) -> None:
    assert sentences(field) == [sentence]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (forms.EmailField(label="Email address"), "ada", "Enter the email address in full, like name@example.org"),
        (
            forms.URLField(label="Joining link", assume_scheme="https"),
            "h t",
            "Joining link must be a full web address, like https://example.org",
        ),
        (forms.IntegerField(label="How many came?"), "x", "The answer to “How many came?” must be a whole number"),
        (forms.IntegerField(label="Heads", min_value=3), "2", "Heads must be 3 or more"),
        (forms.IntegerField(label="Heads", max_value=3), "4", "Heads must be 3 or less"),
        (forms.DecimalField(label="Share"), "x", "Share must be a number, like 2.5"),
        (forms.CharField(label="Name", max_length=3), "abcd", "Name must be 3 characters or fewer"),
        (forms.CharField(label="Name", min_length=3), "ab", "Name must be 3 characters or more"),
        (forms.CharField(label="Name"), "a\x00", "Name contains a character that cannot be stored"),
        (forms.TimeField(label="Start time"), "25:00", "Start time must be a time, like 12:30"),
        (forms.DateTimeField(label="Closing time"), "soon", "Closing time must be a real date and time"),
        (forms.ChoiceField(label="Organisation", choices=CHOICES), "z", "Choose the organisation from the list"),
    ],
)
def test_a_field_filled_in_wrongly_is_named(field: forms.Field, value: str, sentence: str) -> None:
    assert sentences(field, {"field": value}) == [sentence]


def test_an_empty_file_is_named() -> None:
    empty = SimpleUploadedFile("list.csv", b"")
    assert sentences(forms.FileField(label="List of members"), files={"field": empty}) == [
        "The file chosen for the list of members is empty"
    ]


def test_words_of_the_form_itself_are_left_as_they_are() -> None:
    own = forms.CharField(label="Name", error_messages={"required": "Say who you are."})
    assert sentences(own) == ["Say who you are."]


def test_words_of_a_validator_of_ours_are_left_as_they_are() -> None:
    def never(value: str) -> None:
        raise ValidationError("This address belongs to Ada.", code="invalid")

    assert sentences(forms.EmailField(label="Email address", validators=[never]), {"field": "a@example.org"}) == [
        "This address belongs to Ada."
    ]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("Name", "the name"),
        ("A name", "a name"),
        ("I promise", "I promise"),
        ("NHS trust", "the NHS trust"),
        ("Their role", "their role"),
        ("Why?", "an answer to “Why?”"),
    ],
)
def test_a_label_reads_well_inside_a_sentence(label: str, words: str) -> None:
    assert named(label) == words


class SummaryForm(forms.Form):
    name = forms.CharField(label="Name")
    kind = forms.ChoiceField(label="Kind", choices=CHOICES, widget=forms.RadioSelect)
    held_on = DateField(label="Date")
    window = forms.SplitDateTimeField(label="End")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> None:
        raise ValidationError("The session clashes with another.")


def links(html: str) -> list[tuple[str, str]]:
    items = html.partition("<ul")[2].split("<li>")[1:]
    found = []
    for item in items:
        href = item.partition('href="')[2].partition('"')[0]
        text = item.partition("</li>")[0].partition("</a>")[0].rpartition(">")[2].strip()
        found.append((href, text))
    return found


def summary(form: Any) -> str:
    return Template("{% load nhsuk %}{% error_summary form %}").render(Context({"form": form}))


def test_the_summary_leads_to_the_box_that_is_wrong() -> None:
    html = summary(SummaryForm({"held_on_day": "1", "held_on_month": "", "held_on_year": "2026"}))
    assert links(html) == [
        ("", "The session clashes with another."),
        ("#id_name", "Enter the name"),
        ("#id_kind", "Choose the kind"),
        ("#id_held_on_month", "Date must include a month"),
        ("#id_window_0", "Enter the end"),
        ("", "Enter the version"),
    ]


def test_every_box_the_summary_leads_to_is_on_the_page() -> None:
    form = SummaryForm({"held_on_day": "1"})
    page = str(form)
    targets = [href.removeprefix("#") for href, _ in links(summary(form)) if href]
    assert [target for target in targets if page.count(f' id="{target}"') != 1] == []


def test_a_form_without_errors_has_no_summary() -> None:
    assert summary(SummaryForm()) == ""


def test_a_page_without_a_form_has_no_summary() -> None:
    assert summary(None) == ""


def test_a_formset_is_summed_up_form_by_form() -> None:
    class ActionForm(forms.Form):
        text = forms.CharField(label="Action")

    formset = forms.formset_factory(ActionForm, extra=1, min_num=1, validate_min=True)(
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}
    )
    assert links(summary(formset)) == [
        ("", "Please submit at least 1 form."),
        ("#id_form-0-text", "Enter the action"),
    ]


def test_a_line_break_counts_as_one_character() -> None:
    """Browsers send two; the counter on the page counts one."""
    form = type("AForm", (forms.Form,), {"field": LongTextField(max_length=3)})({"field": "a\r\nb"})
    assert form.is_valid()
    assert form.cleaned_data == {"field": "a\nb"}
