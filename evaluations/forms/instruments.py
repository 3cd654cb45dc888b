"""What staff and facilitators fill in to write a questionnaire. Whether it makes sense is for the services to say."""

from __future__ import annotations

from typing import Any

from django import forms

from cop_portal.design.forms import LongTextField, Radios
from evaluations.forms.option_rows import OptionRows
from evaluations.models import EvaluationQuestion, InstrumentVersion, PrivacyMode, Question, Scale, Section, ValueCycle
from evaluations.services.instruments.content import CHOICES, LIMITED, QuestionContent
from evaluations.services.instruments.drafts import Headings

KIND_HINTS: dict[str, str] = {
    Question.Kind.INFORMATION: "Something to read, and nothing to answer",
    Question.Kind.SINGLE: "One answer from a list",
    Question.Kind.MULTIPLE: "Any number of answers from a list; some may go with no other",
    Question.Kind.LIKERT: "A statement, and how far people agree; results show the share agreeing",
    Question.Kind.ZERO_TO_TEN: "A mark from 0 to 10; results show 0 to 3, 4 to 6 and 7 to 10",
    Question.Kind.NUMBER: "A whole number between two limits; results show groups of it",
    Question.Kind.DATE: "A day between two years; results show years",
    Question.Kind.SHORT_TEXT: "A line in their own words",
    Question.Kind.LONG_TEXT: "Several lines in their own words",
}
CHANGE_LABELS = {
    Question.Change.SAME: "The same: nothing that people read or can answer has changed",
    Question.Change.REWORDED: "Reworded: still the same question, but its trend starts again",
    Question.Change.NEW: "New: another question, with a code of its own",
}
SMALL = {"class": "nhsuk-input--width-5", "inputmode": "numeric"}


class RevisionField(forms.IntegerField):
    """The revision of the draft that the writer has read."""

    widget = forms.HiddenInput

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(required=required, min_value=1)


class BeginForm(forms.Form):
    """A questionnaire of its own: its code and its title."""

    title = forms.CharField(label="Title", max_length=200, help_text="Members read it on the first page and in mail.")
    code = forms.CharField(
        label="Code",
        max_length=60,
        help_text="Small letters, figures and hyphens, such as after-the-visit. It stands in addresses and files, and "
        "stays when the title changes.",
    )


class CopyForm(BeginForm):
    """What to make of a published version. The code and title are for a questionnaire of its own."""

    what = forms.ChoiceField(
        label="What do you want to make?",
        choices=[
            ("version", "The next version of this questionnaire"),
            ("own", "A questionnaire of its own that begins with the same questions"),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("what", "title", "code")

    def __init__(self, *args: Any, may_version: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_own = not may_version
        if may_version:
            for name in ("title", "code"):
                self.fields[name].required = False
                self.fields[name].help_text = f"For a questionnaire of its own only. {self.fields[name].help_text}"
        else:
            del self.fields["what"]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        self.is_own = self.is_own or said.get("what") == "own"
        for name in ("title", "code"):
            if self.is_own and not said.get(name) and name not in self.errors:
                self.add_error(name, f"Enter a {name} for the questionnaire of its own")
        return said


class HeadingsForm(forms.Form):
    title = forms.CharField(label="Title", max_length=200)
    purpose = LongTextField(
        label="What it is for", required=False, max_length=1000, help_text="When it is asked, and how long it takes."
    )
    default_privacy = forms.ChoiceField(
        label="Privacy, unless chosen otherwise", choices=PrivacyMode.choices, widget=Radios
    )
    opens_for_days = forms.IntegerField(label="Open for how many days?", widget=forms.TextInput(attrs=SMALL))
    reminder_days = forms.CharField(
        label="Reminders on which days?", required=False, help_text="Days after it opens, such as 4, 9, 14."
    )
    notes = LongTextField(
        label="How the answers are read", required=False, max_length=5000, help_text="One note on each line."
    )
    revision = RevisionField()

    def clean_reminder_days(self) -> list[int]:
        parts = self.cleaned_data["reminder_days"].replace(",", " ").split()
        if not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
            raise forms.ValidationError("Write the days as numbers with commas between them, such as 4, 9, 14")
        return [int(part) for part in parts]

    @property
    def headings(self) -> Headings:
        said = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        return Headings(**{**said, "notes": said["notes"].splitlines()})


class SectionForm(forms.Form):
    title = forms.CharField(
        label="Title", max_length=200, help_text="On a wide screen each section is a page with this heading."
    )


class NameSectionForm(SectionForm):
    revision = RevisionField()


class KindForm(forms.Form):
    kind = forms.ChoiceField(label="What kind of question is it?", choices=(), widget=Radios(hints=KIND_HINTS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, Question.Kind(kind).label) for kind in KIND_HINTS]  # type: ignore[attr-defined]


class KnownQuestionForm(forms.Form):
    """A question asked before, in the words in which it was asked last."""

    question = forms.ModelChoiceField(
        label="Which question?",
        queryset=Question.objects.none(),
        widget=Radios(is_small=True),
        empty_label=None,
        error_messages={"required": "Choose a question", "invalid_choice": "Choose one of the questions in the list"},
    )

    def __init__(self, *args: Any, known: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["question"].queryset = known  # type: ignore[attr-defined]
        self.fields["question"].label_from_instance = known_label  # type: ignore[attr-defined]


def known_label(question: Question) -> str:
    """M1: In the last 6 months … (Agreement scale)"""
    return f"{question.item.code}: {question.text} ({question.get_kind_display()})"


def scale_label(scale: Scale) -> str:
    """agree5: Strongly disagree to Strongly agree (7 answers)"""
    counted = [option["label"] for option in scale.options if not option.get("excluded")]
    return f"{scale.title}: {counted[0]} to {counted[-1]} ({len(scale.options)} answers)" if counted else scale.title


class QuestionForm(forms.Form):
    """A question of one kind: only what that kind has."""

    marks_optional = True
    change = forms.ChoiceField(label="Compared with before, this question is", choices=(), widget=forms.RadioSelect)
    code = forms.CharField(
        label="Code",
        max_length=20,
        help_text="Short, such as Q7. It names the question in files and results, and never changes once asked.",
        widget=forms.TextInput(attrs={"class": "nhsuk-input--width-5"}),
    )
    text = LongTextField(label="Question", max_length=2000)
    hint = LongTextField(label="Hint", required=False, max_length=1000, help_text="Stands under the question, smaller.")
    max_length = forms.IntegerField(
        label="How many characters at most?", initial=200, widget=forms.TextInput(attrs=SMALL)
    )
    minimum = forms.IntegerField(
        label="Least number that can be answered", required=False, widget=forms.TextInput(attrs=SMALL)
    )
    maximum = forms.IntegerField(
        label="Greatest number that can be answered", required=False, widget=forms.TextInput(attrs=SMALL)
    )
    is_ordered = forms.BooleanField(label="The answers go from less to more", required=False)
    is_two_sided = forms.BooleanField(
        label="The best answer is in the middle (two-sided): no share agreeing, no mean", required=False
    )
    is_required = forms.BooleanField(label="This question must be answered before the next", required=False)
    evaluation_question = forms.ModelChoiceField(
        label="Evaluation question that it serves", queryset=EvaluationQuestion.objects.none()
    )
    # None at first: a question that nobody has thought about would count towards the first of the list.
    value_cycle = forms.ChoiceField(
        label="Value cycle", choices=[("", "Choose from the list"), *ValueCycle.choices], widget=forms.Select
    )
    scale = forms.ChoiceField(
        label="Scale",
        required=False,
        choices=(),
        widget=forms.Select,
        help_text="With a scale its answers are used, and those below are left aside.",
    )
    revision = RevisionField(required=False)

    def __init__(self, *args: Any, kind: str, asked_before: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.has_options = kind in CHOICES
        self.fields["evaluation_question"].queryset = EvaluationQuestion.objects.in_order()  # type: ignore[attr-defined]
        self.fields["change"].choices = list(CHANGE_LABELS.items())  # type: ignore[attr-defined]
        self.fields["change"].help_text = f"It was asked in “{asked_before}”."
        self.scales = {scale.code: scale for scale in Scale.objects.order_by("title")} if self.has_options else {}
        self.fields["scale"].choices = [  # type: ignore[attr-defined]
            ("", "Answers of its own, below"),
            *((scale.code, scale_label(scale)) for scale in self.scales.values()),
        ]
        self._word_for(kind)
        for name in self._not_of(kind, asked_before):
            del self.fields[name]
        self.is_multiple = kind == Question.Kind.MULTIPLE
        stored = kwargs.get("initial", {}).get("options", ())
        self.rows = OptionRows(stored, data=self.data if self.is_bound else None, is_multiple=self.is_multiple)

    def _word_for(self, kind: str) -> None:
        """What a kind calls its fields, and which of them it cannot do without."""
        if kind == Question.Kind.INFORMATION:
            self.fields["text"].label = "Text to read"
        least, most = self.fields["minimum"], self.fields["maximum"]
        if kind == Question.Kind.DATE:
            least.label, most.label = "First year that can be answered", "Last year that can be answered"
        # Results are shown in groups between the two.
        least.required = most.required = kind in LIMITED

    @staticmethod
    def _not_of(kind: str, asked_before: str) -> set[str]:
        """The fields that a question of this kind does not have."""
        absent = set() if asked_before else {"change"}
        if kind not in CHOICES:
            absent |= {"scale", "is_ordered", "is_two_sided"}
        elif kind == Question.Kind.MULTIPLE:
            absent.add("is_two_sided")
        if kind not in (Question.Kind.SHORT_TEXT, Question.Kind.LONG_TEXT):
            absent.add("max_length")
        if kind not in LIMITED:
            absent |= {"minimum", "maximum"}
        return absent | ({"is_required"} if kind == Question.Kind.INFORMATION else set())

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.has_options and not said.get("scale") and not self.rows.is_valid():
            for error in self.rows.errors:
                self.add_error(None, error)
        return said

    @property
    def content(self) -> QuestionContent:
        said = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        if self.has_options:
            scale = self.scales.get(said["scale"])
            said["options"] = scale.options if scale else self.rows.options
        return QuestionContent(kind=self.kind, **said)


class ScaleForm(forms.Form):
    title = forms.CharField(label="Title", max_length=100, help_text="What it is called in the list of scales.")
    code = forms.CharField(label="Code", max_length=40, help_text="Small letters, figures, hyphens, underscores.")
    revision = RevisionField(required=False)

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_new:
            del self.fields["code"]
        self.rows = OptionRows(kwargs.get("initial", {}).get("options", ()), data=self.data if self.is_bound else None)

    def clean(self) -> dict[str, Any]:
        if not self.rows.is_valid():
            for error in self.rows.errors:
                self.add_error(None, error)
        return super().clean() or {}


class AskedOfForm(forms.Form):
    """Which earlier question decides who is asked this one."""

    of = forms.ChoiceField(label="Who is asked this?", choices=(), widget=Radios)

    def __init__(self, *args: Any, earlier: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("everyone", "Everyone"), *((code, f"Some, by their answer to {words}") for code, words in earlier)]
        self.fields["of"].choices = choices  # type: ignore[attr-defined]


class AskedOnlyForm(forms.Form):
    """Those who gave which answers."""

    codes = forms.MultipleChoiceField(
        label="Asked of those who answered",
        choices=(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one answer",
            "invalid_choice": "Choose from the answers in the list",
        },
    )
    revision = RevisionField()

    def __init__(self, *args: Any, answers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["codes"].choices = answers  # type: ignore[attr-defined]


class RevisionForm(forms.Form):
    """Nothing to fill in: the page says what will happen, and its button does it, to what was read."""

    revision = RevisionField()


class NothingForm(forms.Form):
    """Nothing to fill in: the page around it says what will happen, and its button does it."""


def headings_initial(version: InstrumentVersion) -> dict[str, Any]:
    return {
        "title": version.title,
        "purpose": version.purpose,
        "default_privacy": version.default_privacy,
        "opens_for_days": version.opens_for_days,
        "reminder_days": ", ".join(str(day) for day in version.reminder_days),
        "notes": "\n".join(version.notes),
        "revision": version.revision,
    }


def suggested_code(section: Section) -> str:
    """Q and the next number that no question has."""
    taken = set(Question.objects.filter(item__code__startswith="Q").values_list("item__code", flat=True))
    number = Question.objects.filter(section__version=section.version_id).count() + 1
    while f"Q{number}" in taken:
        number += 1
    return f"Q{number}"
