"""Taking a closed survey away: what is in the archive in each privacy mode, and what keeps it from being handed out."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine
from defusedxml.ElementTree import fromstring
from django.db import IntegrityError, transaction
from openpyxl import load_workbook
from pytest_django import Settings

from communities.models import Affiliation
from cop_portal.audit.models import AuditEntry
from evaluations import results
from evaluations.interchange import instrument_json, redcap
from evaluations.models import Invitation, PrivacyMode, Survey, SurveyExport
from evaluations.models.confidential import ConfidentialResponse
from evaluations.models.response import FreeText
from evaluations.services.answers.rows import TooFewRows
from evaluations.services.survey_exports.asking import (
    AnswersNotKept,
    NoRows,
    ReasonMissing,
    SurveyNotClosed,
    ask_for_export,
)
from evaluations.services.survey_exports.keeping import (
    OUTDATED,
    trouble_with,
)
from tests.evaluations.exporting import (
    FIGURES,
    LATER,
    MARKER,
    ROWS,
    closed,
    confidential_of,
    everything_in,
    files_of,
    ready,
    table,
    twelve,
)
from tests.factories.communities import ProfessionalGroupFactory, staff
from tests.factories.evaluations import PULSE, core_answers, open_survey_for

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CONFIDENTIAL, NAMED = PrivacyMode.CONFIDENTIAL, PrivacyMode.NAMED


# What is in it


def test_the_archive_holds_every_format_and_the_digest_of_every_file() -> None:
    export = ready(closed(twelve()))
    files = files_of(export)
    assert list(files) == [
        "README.txt",
        *(f"{folder}/{name}.csv" for folder in ("excel", "code") for name in ("questions", "figures")),
        "workbook.xlsx",
        *("spss/questions.sav", "spss/figures.sav"),
        *("codebook.html", "codebook.css", "ddi-codebook.xml", "instrument.json", "redcap-data-dictionary.csv"),
    ]
    digests = re.findall(r"^([0-9a-f]{64})  (\S+)$", files["README.txt"].decode(), re.MULTILINE)
    assert {name: digest for digest, name in digests} == {
        name: sha256(content).hexdigest() for name, content in files.items() if name != "README.txt"
    }
    assert export.archive_digest == sha256(bytes(export.archive or b"")).hexdigest()
    assert export.file_name == "sepsis-cop-core-results-2026-12-15.zip"


def test_the_figures_are_those_of_the_release_and_no_others() -> None:
    survey = closed(twelve())
    rows = table(ready(survey), "figures")
    agreeing = {row["question"]: row for row in rows if row["part"] == "agreeing"}
    assert {code: agreeing["C1"][code] for code in ("shown_as", "words", "share", "count", "base")} == {
        "shown_as": "figure", "words": "64% (7 of 11; 95% interval 35% to 85%)", "share": "0.6364", "count": "7",
        "base": "11",
    }  # fmt: skip
    shown = {
        (question.code, option.code): option.figure.words
        for question in results.of(survey).questions
        for option in question.options
    }
    assert {(row["question"], row["option"]): row["words"] for row in rows if row["part"] == "option"} == shown


def test_from_five_to_nine_answers_no_file_holds_a_count_or_a_share() -> None:
    export = ready(closed([core_answers("4")] * 5 + [core_answers("2")] * 2))
    rows = table(export, "figures")
    assert {row["shown_as"] for row in rows} <= {"band", "hidden"}
    assert {row[column] for row in rows for column in ("share", "count", "base", "low", "high")} == {""}
    assert {row["base"] + row["left_out"] for row in table(export, "questions")} == {""}
    assert 'type="freq"' not in files_of(export)["ddi-codebook.xml"].decode()
    assert "5 to 9 of 11" in files_of(export)["README.txt"].decode()


def test_under_five_answers_there_is_no_figure_in_any_file_and_the_readme_says_why() -> None:
    export = ready(closed([core_answers("4")] * 4))
    assert {row["shown_as"] for row in table(export, "figures")} == {"hidden"}
    assert {row[column] for row in table(export, "figures") for column in ("share", "count", "base")} == {""}
    assert {row["base"] for row in table(export, "questions")} == {""}
    assert "so that nobody’s answer can be worked out" in " ".join(files_of(export)["README.txt"].decode().split())
    assert "catStat" not in files_of(export)["ddi-codebook.xml"].decode()


def test_of_an_anonymous_survey_only_released_texts_are_in_any_file() -> None:
    # Of both who will and who may try something, so that the question put to them is shown in figures.
    given = [{"P1": "4", "P3": "12"[number % 2], "P4": f"{MARKER} {number}"} for number in range(12)]
    survey = closed(given, code=PULSE)
    export = ready(survey)
    assert table(export, "texts") == []
    assert MARKER not in everything_in(export)
    assert trouble_with(export, now=LATER) == ""
    FreeText.objects.filter(survey=survey).update(state=FreeText.State.RELEASED, is_shown=True)
    # What was made before says less than the page by now.
    assert trouble_with(export, now=LATER) == OUTDATED
    again = ready(survey)
    assert sorted(row["text"] for row in table(again, "texts")) == sorted(f"{MARKER} {n}" for n in range(12))


def test_the_questionnaire_is_in_it_as_the_portal_and_redcap_read_it() -> None:
    survey = closed(twelve())
    files = files_of(ready(survey))
    assert files["instrument.json"] == instrument_json.written(survey.version)
    assert json.loads(files["instrument.json"])["instruments"][0]["code"] == "cop-core"
    written = redcap.dictionary_of(survey.version)
    assert files["redcap-data-dictionary.csv"] == written.content
    readme = " ".join(files["README.txt"].decode().split())
    assert [note.words for note in written.notes if note.words not in readme] == []


def test_the_workbook_has_typed_cells_a_codebook_and_an_about_sheet() -> None:
    book = load_workbook(io.BytesIO(files_of(ready(closed(twelve())))["workbook.xlsx"]))
    assert book.sheetnames == ["Questions", "Figures", "Codebook", "What was asked", "About"]
    headings = [cell.value for cell in book["Figures"][1]]
    first = dict(zip(headings, book["Figures"][2], strict=True))
    assert (first["Share"].data_type, first["Number of people"].value, first["Question"].data_type) == ("n", 8, "s")
    assert ("Asked", "16") in [(row[0].value, row[1].value) for row in book["About"]]


def test_the_same_data_give_the_same_bytes_at_any_time_and_for_anyone() -> None:
    survey = closed(twelve())
    with time_machine.travel(LATER, tick=False):
        first = ready(survey)
    with time_machine.travel(LATER + timedelta(days=3, seconds=11), tick=False):
        again = ready(survey, by=staff())
    assert bytes(again.archive or b"") == bytes(first.archive or b"")
    dates = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(bytes(first.archive or b""))).infolist()}
    assert len(dates) == 1


SCRIPTS = ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "+1", "@SUM(A1)", '"><img src=x onerror=alert(1)>')


def test_scripts_and_formulas_are_harmless_in_every_file() -> None:
    survey = closed([{"P3": "1", "P4": text} for text in SCRIPTS * 2], mode=NAMED, code=PULSE)
    files = files_of(ready(survey, ROWS))
    html = files["codebook.html"].decode()
    assert (html.count("<script"), html.count("<img")) == (0, 0)
    column = [row["P4"] for row in csv.DictReader(io.StringIO(files["code/answers.csv"].decode(), newline=""))]
    assert sorted(column) == sorted(SCRIPTS * 2)
    headings, *rows = csv.reader(io.StringIO(files["excel/answers.csv"].decode("utf-8-sig"), newline=""))
    guarded = {row[-1] for row in rows}
    assert guarded == {SCRIPTS[0], SCRIPTS[4], *(f"'{text}" for text in SCRIPTS[1:4])}
    assert headings[0] == "Who answered"
    cells = [cell for row in load_workbook(io.BytesIO(files["workbook.xlsx"]))["Answers"] for cell in row]
    assert {cell.data_type for cell in cells if cell.value in SCRIPTS} == {"s"}
    assert fromstring(files["ddi-codebook.xml"]).tag.endswith("codeBook")


# Rows


def test_confidential_rows_name_no_person_no_pseudonym_no_community_and_no_text() -> None:
    survey = confidential_of(31)
    export = ready(survey, ROWS, reason="The paired analysis agreed with the host")
    words = everything_in(export)
    people = Invitation.objects.filter(survey=survey).values_list("person__user__name", flat=True)
    pseudonyms = ConfidentialResponse.objects.filter(survey=survey).values_list("pseudonym", flat=True)
    told = [*people, *pseudonyms, survey.community.name, survey.community.slug, MARKER, f"{survey.closed_at:%d %B}"]
    assert [secret for secret in told if secret in words] == []
    assert len(table(export, "answers")) == 31
    assert list(table(export, "answers")[0]) == ["P1", "P2", "P3"]
    assert "sepsis" not in export.file_name


def test_rows_of_fewer_than_thirty_are_refused_to_everyone() -> None:
    survey = confidential_of(29)
    with pytest.raises(TooFewRows):
        ask_for_export(survey=survey, what=ROWS, reason="Because", by=staff(), now=LATER)
    assert not SurveyExport.objects.exists()


def test_confidential_rows_are_asked_for_with_a_reason_and_the_trail_says_who() -> None:
    survey, by = confidential_of(30), staff()
    with pytest.raises(ReasonMissing):
        ask_for_export(survey=survey, what=ROWS, reason="   ", by=by, now=LATER)
    export = ready(survey, ROWS, reason="The evaluation", by=by)
    trail = AuditEntry.objects.filter(target_id=survey.pk, by_id=by.pk, event__startswith="survey.rows")
    assert sorted(trail.values_list("event", flat=True)) == ["survey.rows_export_asked", "survey.rows_exported"]
    assert export.reason == "The evaluation"


def test_named_rows_have_names_and_texts_but_never_the_name_of_a_person_with_lived_experience() -> None:
    survey = closed([{"P3": "1", "P4": f"Words {number}"} for number in range(3)], mode=NAMED, code=PULSE, more=0)
    invited = Invitation.objects.filter(survey=survey).select_related("person__user").order_by("person__user__name")
    people = [one.person for one in invited]
    lived = ProfessionalGroupFactory.create(code="lived", name="Person with lived experience or carer")
    Affiliation.objects.filter(person=people[0]).update(professional_group=lived)
    rows = table(ready(survey, ROWS), "answers")
    assert {row["respondent"]: row["P4"] for row in rows} == {
        "A person with lived experience": "Words 0", people[1].name: "Words 1", people[2].name: "Words 2",
    }  # fmt: skip


def test_an_anonymous_survey_has_no_rows_for_anyone_and_the_database_says_so_too() -> None:
    survey, by = closed(twelve()), staff()
    with pytest.raises(NoRows):
        ask_for_export(survey=survey, what=ROWS, reason="Because", by=by, now=LATER)
    for mode in PrivacyMode.values:
        with pytest.raises(IntegrityError), transaction.atomic():
            SurveyExport.objects.create(survey=survey, mode=mode, what=ROWS, reason="x", by=by, asked_at=LATER)


def test_answers_of_single_people_are_handed_out_no_longer_than_they_are_kept(settings: Settings) -> None:
    survey = closed([{"P1": "4"}] * 3, mode=NAMED, code=PULSE)
    assert survey.closed_at is not None
    over = survey.closed_at + timedelta(days=settings.RESPONSES_KEPT_DAYS)
    with pytest.raises(AnswersNotKept):
        ask_for_export(survey=survey, what=ROWS, reason="", by=staff(), now=over)
    assert ask_for_export(survey=survey, what=FIGURES, reason="", by=staff(), now=over).is_waiting


def test_nothing_is_taken_away_while_people_answer() -> None:
    survey = open_survey_for(members=12)
    with pytest.raises(SurveyNotClosed):
        ask_for_export(survey=survey, what=FIGURES, reason="", by=staff(), now=LATER)


def test_of_a_cancelled_survey_there_is_nothing_to_take_away() -> None:
    survey = open_survey_for(members=12)
    survey.state = Survey.State.CANCELLED
    with pytest.raises(SurveyNotClosed, match="cancelled and its answers were destroyed"):
        ask_for_export(survey=survey, what=FIGURES, reason="", by=staff(), now=LATER)


def test_the_results_of_a_named_survey_have_no_table_of_texts() -> None:
    survey = closed([{"P3": "1", "P4": MARKER}] * 6, mode=NAMED, code=PULSE)
    export = ready(survey)
    assert "code/texts.csv" not in files_of(export)
    assert MARKER not in everything_in(export)
