"""Links and files of a community."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings

from communities.forms.fields import PRIVATE_MEANS
from communities.services.resources.files import LISTED, too_large


class _ResourceFields(forms.Form):
    title = forms.CharField(max_length=200, label="What is it?", help_text="By this it is found.")
    is_private = forms.BooleanField(required=False, label="Private", help_text=PRIVATE_MEANS)


class AddLinkForm(_ResourceFields):
    url = forms.URLField(
        max_length=500, assume_scheme="https", label="Address", widget=forms.URLInput({"spellcheck": "false"})
    )
    field_order = ("title", "url", "is_private")


class AddFileForm(_ResourceFields):
    """What the file is, is looked at only by looking into it."""

    file = forms.FileField(label="File", max_length=255)
    session = forms.ChoiceField(required=False, label="Session", help_text="If it belongs to one.")
    field_order = ("title", "file", "session", "is_private")

    def __init__(
        self, *args: Any, sessions: Sequence[tuple[str, str]], was_too_large: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.was_too_large = was_too_large
        megabytes = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        self.fields["session"].choices = [("", "Of no session"), *sessions]  # type: ignore[attr-defined]
        self.fields[
            "file"
        ].help_text = (
            f"At most {megabytes} MB, of these types: {LISTED}. No macros, and nothing that could identify a patient."
        )
        self.fields["file"].widget.attrs["accept"] = ",".join(f".{ending}" for ending in LISTED.split(", "))
        if was_too_large:
            self.fields["file"].error_messages["required"] = too_large().messages[0]


class EditLinkForm(AddLinkForm):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class EditFileForm(_ResourceFields):
    """What it is called and who sees it. Another file is another resource."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class RemoveResourceForm(forms.Form):
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
