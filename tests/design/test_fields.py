"""Every plain field of a form gets the component of the design system that fits it."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template

from cop_portal.design.forms import Checkboxes, DateField, LongTextField, Radios, leave_unchosen
from tests.design.test_components import ESCAPED, SCRIPT, squeezed

CHOICES = [("a", "Ada"), ("b", "Bashir")]


def rendered(field: forms.Field, data: dict[str, Any] | None = None, *, first: Any = None) -> str:
    form = type("AForm", (forms.Form,), {"field": field})(data, initial={"field": first})
    return squeezed(form["field"].as_field_group())


def group(inside: str) -> str:
    return f'<div class="nhsuk-form-group">{inside}</div>'


def label(text: str = "Name") -> str:
    return f'<label class="nhsuk-label nhsuk-label--s" for="id_field">{text}</label>'


@pytest.mark.parametrize(
    ("field", "markup"),
    [
        (
            forms.CharField(label="Name", max_length=50),
            '<input class="nhsuk-input" id="id_field" name="field" type="text" value="">',
        ),
        (
            forms.EmailField(label="Name", widget=forms.EmailInput(attrs={"autocomplete": "email"})),
            '<input class="nhsuk-input" id="id_field" name="field" type="email" value="" autocomplete="email">',
        ),
        (
            forms.IntegerField(label="Name", min_value=1),
            (
                '<input class="nhsuk-input nhsuk-input--width-5" id="id_field" name="field" type="text" value=""'
                ' inputmode="numeric">'
            ),
        ),
        (
            forms.DecimalField(label="Name"),
            (
                '<input class="nhsuk-input nhsuk-input--width-5" id="id_field" name="field" type="text" value=""'
                ' inputmode="decimal">'
            ),
        ),
        (
            forms.TimeField(label="Name"),
            '<input class="nhsuk-input nhsuk-input--width-10" id="id_field" name="field" type="time" value="">',
        ),
        (
            forms.DateField(label="Name"),
            '<input class="nhsuk-input nhsuk-input--width-10" id="id_field" name="field" type="date" value="">',
        ),
        (
            forms.DateTimeField(label="Name"),
            (
                '<input class="nhsuk-input nhsuk-input--width-20" id="id_field" name="field" type="datetime-local"'
                ' value="">'
            ),
        ),
        (
            forms.CharField(label="Name", widget=forms.Textarea),
            '<textarea class="nhsuk-textarea" id="id_field" name="field" rows="5"></textarea>',
        ),
        (
            forms.ChoiceField(label="Name", choices=CHOICES),
            (
                '<select class="nhsuk-select" id="id_field" name="field"><option value="a">Ada</option>'
                '<option value="b">Bashir</option></select>'
            ),
        ),
    ],
    ids=["text", "email", "whole number", "number", "time", "date", "date and time", "long text", "choice"],
)
def test_a_field_is_a_label_and_an_input(field: forms.Field, markup: str) -> None:
    assert rendered(field) == group(label() + markup)


def test_radio_buttons_are_a_group_with_a_legend_and_a_hint_each() -> None:
    field = forms.ChoiceField(label="Privacy", choices=CHOICES, widget=Radios(hints={"b": "Says so."}))
    assert rendered(field, {"field": "b"}) == group(
        '<fieldset class="nhsuk-fieldset">'
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Privacy</legend>'
        '<div class="nhsuk-radios" data-module="nhsuk-radios">'
        '<div class="nhsuk-radios__item">'
        '<input class="nhsuk-radios__input" id="id_field" name="field" type="radio" value="a">'
        '<label class="nhsuk-label nhsuk-radios__label" for="id_field">Ada</label></div>'
        '<div class="nhsuk-radios__item">'
        '<input class="nhsuk-radios__input" id="id_field-2" name="field" type="radio" value="b" checked'
        ' aria-describedby="id_field-2-item-hint">'
        '<label class="nhsuk-label nhsuk-radios__label" for="id_field-2">Bashir</label>'
        '<div class="nhsuk-hint nhsuk-radios__hint" id="id_field-2-item-hint">Says so.</div></div>'
        "</div></fieldset>"
    )


class Meeting(forms.Form):
    often = forms.ChoiceField(
        label="How often?",
        choices=[("weeks", "Every few <b>weeks</b>"), ("never", "Never")],
        widget=Radios(shows={"weeks": ["weeks"]}),
    )
    weeks = forms.IntegerField(label="Weeks", required=False)
    place = forms.CharField(label="Place", required=False)

    def clean(self) -> dict[str, Any]:
        leave_unchosen(self, "often")
        return self.cleaned_data


def test_what_belongs_to_one_choice_stands_once_below_the_question_under_the_words_of_the_choice() -> None:
    html = squeezed(str(Meeting()))
    assert [html.count(f'name="{name}"') for name in ("often", "weeks", "place")] == [2, 1, 1]
    assert (
        '<div class="app-shown-by" data-shown-by="often" data-shown-for="weeks"><fieldset class="nhsuk-fieldset">'
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Every few &lt;b&gt;weeks&lt;/b&gt;</legend>'
    ) in html
    assert html.index('value="never"') < html.index('name="weeks"') < html.index('name="place"')
    assert rendered_of(Meeting(), "weeks") == ""


def rendered_of(form: forms.Form, name: str) -> str:
    return squeezed(form[name].as_field_group())


@pytest.mark.parametrize(
    ("said", "errors", "weeks"),
    [
        ({"often": "weeks", "weeks": "6"}, [], 6),
        ({"often": "weeks", "weeks": "x"}, ["weeks"], None),
        ({"often": "never", "weeks": "x"}, [], None),
        ({"often": "never", "weeks": "6"}, [], None),
        ({"weeks": "x"}, ["often"], None),
    ],
)
def test_what_was_typed_for_a_choice_that_is_not_made_is_neither_kept_nor_wrong(
    said: dict[str, str], errors: list[str], weeks: int | None
) -> None:
    form = Meeting(said)
    form.is_valid()
    assert (list(form.errors), form.cleaned_data.get("weeks")) == (errors, weeks)


@pytest.mark.parametrize(
    ("widget", "classes"),
    [
        (Radios(is_inline=True), "nhsuk-radios nhsuk-radios--inline"),
        (Radios(is_small=True), "nhsuk-radios nhsuk-radios--small"),
    ],
)
def test_radio_buttons_can_stand_side_by_side_or_be_small(widget: Radios, classes: str) -> None:
    field = forms.ChoiceField(label="Did Ada come?", choices=CHOICES, widget=widget)
    assert f'<div class="{classes}" data-module="nhsuk-radios">' in rendered(field)


@pytest.mark.parametrize(
    "widget", [Checkboxes, forms.CheckboxSelectMultiple, forms.SelectMultiple], ids=lambda widget: widget.__name__
)
def test_several_choices_are_tick_boxes_and_keep_what_was_ticked(widget: type[forms.Widget]) -> None:
    """CheckboxSelectMultiple is a RadioSelect to Django: it must not become radio buttons."""
    html = rendered(forms.MultipleChoiceField(label="Who came", choices=CHOICES, widget=widget), {"field": ["b"]})
    boxes = [part.partition(">")[0] for part in html.split("<input ")[1:]]
    assert boxes == [
        'class="nhsuk-checkboxes__input" id="id_field" name="field" type="checkbox" value="a"',
        'class="nhsuk-checkboxes__input" id="id_field-2" name="field" type="checkbox" value="b" checked',
    ]


def test_a_single_tick_box_has_its_label_beside_it_and_no_mark_of_being_optional() -> None:
    assert rendered(forms.BooleanField(label="I have finished", required=False)) == group(
        '<div class="nhsuk-checkboxes" data-module="nhsuk-checkboxes"><div class="nhsuk-checkboxes__item">'
        '<input class="nhsuk-checkboxes__input" id="id_field" name="field" type="checkbox" value="on">'
        '<label class="nhsuk-label nhsuk-checkboxes__label" for="id_field">I have finished</label></div></div>'
    )


def test_a_date_is_three_boxes_under_one_legend() -> None:
    html = rendered(DateField(label="Due date"))
    assert '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Due date</legend>' in html
    boxes = [part.partition(">")[0] for part in html.split("<input ")[1:]]
    sizes = {"day": 2, "month": 2, "year": 4}
    assert boxes == [
        f'class="nhsuk-input nhsuk-input--width-{size} nhsuk-date-input__input" id="id_field_{part}"'
        f' name="field_{part}" type="text" value="" inputmode="numeric"'
        for part, size in sizes.items()
    ]


def test_a_limited_long_text_counts_its_characters() -> None:
    html = rendered(LongTextField(label="Note", max_length=200))
    assert 'data-module="nhsuk-character-count" data-maxlength="200"' in html
    assert "You can enter up to 200 characters" in html


@pytest.mark.parametrize("max_length", [None, 500])
def test_a_long_text_comes_back_exactly_as_it_was_typed(max_length: int | None) -> None:
    text = "One\n  two, indented\n\nthree"
    form = type("AForm", (forms.Form,), {"field": LongTextField(label="Note", max_length=max_length)})({"field": text})
    html = str(form["field"].as_field_group())
    assert html.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0] == text


def test_nothing_cuts_off_what_is_typed_without_a_word() -> None:
    html = rendered(forms.CharField(label="Name", max_length=3, min_length=2))
    assert "length" not in html
    assert 'value="abcdef"' in rendered(forms.CharField(label="Name", max_length=3), {"field": "abcdef"})


def test_a_password_is_never_sent_back() -> None:
    html = rendered(forms.CharField(label="Password", widget=forms.PasswordInput), {"field": "three-random-words"})
    assert "three-random-words" not in html
    assert 'type="password"' in html
    assert 'autocomplete="current-password"' in html


def test_a_new_password_is_announced_as_such_to_password_managers() -> None:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    assert 'autocomplete="new-password"' in rendered(forms.CharField(label="Password", widget=widget))


def test_a_file_is_chosen_with_the_component_for_files() -> None:
    assert rendered(forms.FileField(label="Name")) == (
        '<div class="nhsuk-form-group nhsuk-file-upload" data-module="nhsuk-file-upload">'
        + label()
        + '<input class="nhsuk-file-upload__input" id="id_field" name="field" type="file"></div>'
    )


def test_a_hidden_field_has_neither_label_nor_group() -> None:
    field = forms.IntegerField(widget=forms.HiddenInput)
    assert rendered(field, first=7) == '<input type="hidden" name="field" value="7" id="id_field">'


def test_a_split_date_and_time_is_two_labelled_boxes_under_one_legend() -> None:
    summer = datetime(2026, 8, 6, 12, 30, tzinfo=ZoneInfo("Europe/London"))
    html = rendered(forms.SplitDateTimeField(label="Start"), first=summer)
    assert '<label class="nhsuk-label" for="id_field_0">Date</label>' in html
    assert 'id="id_field_0" name="field_0" type="date" value="2026-08-06"' in html
    assert '<label class="nhsuk-label" for="id_field_1">Time</label>' in html
    assert 'id="id_field_1" name="field_1" type="time" value="12:30"' in html


@pytest.mark.parametrize(
    ("field", "value", "written"),
    [
        (forms.DateField(), date(2026, 8, 6), "2026-08-06"),
        (forms.TimeField(), time(9, 5), "09:05"),
        (
            forms.DateTimeField(),
            datetime(2026, 8, 6, 11, 30, tzinfo=ZoneInfo("UTC")),
            "2026-08-06T12:30",
        ),
    ],
)
def test_a_first_value_is_written_for_the_browser_in_the_time_on_the_wall(
    field: forms.Field, value: Any, written: str
) -> None:
    assert f'value="{written}"' in rendered(field, first=value)


def test_a_widget_without_a_component_keeps_its_markup_under_a_legend() -> None:
    field = forms.DateField(label="Due", widget=forms.SelectDateWidget(years=[2026]))
    html = rendered(field)
    assert '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s">Due</legend>' in html
    assert 'name="field_year"' in html


def test_an_optional_field_says_so_unless_its_form_has_only_such() -> None:
    class Optional(forms.Form):
        field = forms.CharField(label="Name", required=False)

    class AllOptional(Optional):
        marks_optional = False

    assert label("Name (optional)") in squeezed(Optional()["field"].as_field_group())
    assert label("Name") in squeezed(AllOptional()["field"].as_field_group())


def test_a_choice_not_yet_made_is_said_in_words() -> None:
    html = rendered(forms.ChoiceField(label="Name", choices=[("", "---------"), *CHOICES]))
    assert '<option value="" selected>Choose from the list</option>' in html


def test_choices_in_groups_are_shown_with_the_name_of_their_group() -> None:
    html = rendered(forms.ChoiceField(label="Name", choices=[("Trusts", CHOICES)]))
    assert '<option value="a">Trusts: Ada</option>' in html


def test_a_question_can_be_the_heading_of_its_page() -> None:
    form = type("AForm", (forms.Form,), {"field": forms.ChoiceField(label="Who?", choices=CHOICES, widget=Radios)})()
    html = squeezed(Template("{% load nhsuk %}{% nhsuk_question form.field %}").render(Context({"form": form})))
    assert (
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--l">'
        '<h1 class="nhsuk-fieldset__heading">Who?</h1></legend>'
    ) in html


def test_an_error_stands_at_its_field_and_is_read_out_with_it() -> None:
    assert rendered(forms.CharField(label="Name", help_text="In full."), {"field": ""}) == (
        '<div class="nhsuk-form-group nhsuk-form-group--error">'
        + label()
        + '<div class="nhsuk-hint" id="id_field-hint">In full.</div>'
        '<span class="nhsuk-error-message" id="id_field-error">'
        '<span class="nhsuk-u-visually-hidden">Error: </span>Enter the name</span>'
        '<input class="nhsuk-input nhsuk-input--error" id="id_field" name="field" type="text" value=""'
        ' aria-describedby="id_field-hint id_field-error"></div>'
    )


def test_attributes_that_the_form_asks_for_are_kept() -> None:
    widget = forms.TextInput(
        attrs={"hx-get": "/people/", "data-x": "1", "autofocus": True, "class": "nhsuk-input--width-10"}
    )
    html = rendered(forms.CharField(label="Name", widget=widget))
    assert 'class="nhsuk-input nhsuk-input--width-10"' in html
    assert 'hx-get="/people/" data-x="1" autofocus>' in html


KINDS_OF_FIELD = [
    forms.CharField,
    forms.EmailField,
    LongTextField,
    DateField,
    forms.TimeField,
    forms.SplitDateTimeField,
    forms.FileField,
    forms.BooleanField,
]


@pytest.mark.parametrize("kind", KINDS_OF_FIELD, ids=lambda kind: kind.__name__)
def test_a_script_in_a_label_or_a_hint_is_shown_and_not_run(kind: type[forms.Field]) -> None:
    html = rendered(kind(label=SCRIPT, help_text=SCRIPT, required=False), {})
    assert "<script" not in html
    assert html.count(ESCAPED) == 2


@pytest.mark.parametrize("widget", [forms.Select, Radios, Checkboxes])
def test_a_script_in_a_choice_is_shown_and_not_run(widget: type[forms.Widget]) -> None:
    html = rendered(forms.ChoiceField(label="Name", choices=[(SCRIPT, SCRIPT)], widget=widget), {"field": SCRIPT})
    assert "<script" not in html
    assert html.count(ESCAPED) == 2


def test_a_script_in_a_value_or_an_error_is_shown_and_not_run() -> None:
    field = forms.CharField(label="Name", validators=[_refuse])
    html = rendered(field, {"field": SCRIPT})
    assert "<script" not in html
    assert html.count(ESCAPED) == 2


def _refuse(value: str) -> None:
    raise forms.ValidationError(f"{value} is not a name.")
