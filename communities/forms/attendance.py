"""Uploading a meeting tool's list, and saying for each of its people what becomes of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from communities.imports.tables import too_large
from communities.services.records.said import NewGuest
from communities.services.sessions.attendance_lists import GUEST, Match, Member

LEFT_OUT = "Leave out"


class UploadAttendanceForm(forms.Form):
    """One file, read and not kept."""

    file = forms.FileField(label="Attendance list")

    def __init__(self, *args: Any, was_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large
        megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        self.fields[
            "file"
        ].help_text = f"The CSV that Teams, Zoom or another tool makes, or an Excel workbook; at most {megabytes} MB."
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,.tsv,.xlsx"
        if was_too_large:
            self.fields["file"].error_messages["required"] = too_large().messages[0]


class ImportAttendanceForm(forms.Form):
    """Who on the list is whom. Where exactly one member fits, that one is proposed; elsewhere nobody."""

    marks_optional = False
    sealed = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, matches: Sequence[Match], members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.matches = matches
        everyone = [(str(member.pk), member.label) for member in members]
        for at, match in enumerate(matches):
            self.fields[f"row_{at}"] = _row(match, everyone)

    @property
    def online(self) -> list[int]:
        """Memberships, each once: someone may have joined by two names."""
        chosen = (self.cleaned_data.get(f"row_{at}", "") for at in range(len(self.matches)))
        return sorted({int(one) for one in chosen if one and one != GUEST})

    @property
    def guests(self) -> list[NewGuest]:
        rows = enumerate(self.matches)
        return [NewGuest(match.attendee.name) for at, match in rows if self.cleaned_data.get(f"row_{at}") == GUEST]


def _row(match: Match, everyone: list[tuple[str, str]]) -> forms.ChoiceField:
    one = match.attendee
    minutes = "" if one.minutes is None else f"{one.minutes} minutes. "
    # Of several who may be meant, those first.
    likely = [(str(member.pk), member.label) for member in match.members]
    others = [choice for choice in everyone if choice not in likely]
    proposed = str(match.member.pk) if match.member else ""
    return forms.ChoiceField(
        choices=[("", LEFT_OUT), (GUEST, "A guest"), *likely, *others],
        required=False,
        initial=proposed,
        label=f"{one.name}, {one.email}" if one.email else one.name,
        help_text=f"{minutes}{match.words}.",
    )
