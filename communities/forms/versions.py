"""Bringing back an earlier version of a session's record."""

from django import forms


class RestoreVersionForm(forms.Form):
    """`version` is the one that stands, as whoever brings another back has seen it."""

    version = forms.IntegerField(widget=forms.HiddenInput())
