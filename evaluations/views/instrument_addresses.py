"""Addresses of questionnaires from files and as files, their checks and their preview."""

from django.urls import path

from evaluations.views import instrument_checks, instrument_files, instrument_preview

urlpatterns = [
    path("instruments/import/", instrument_files.ImportInstruments.as_view(), name="import-instruments"),
    path("instruments/import/<int:pk>/", instrument_files.InstrumentFilePage.as_view(), name="instrument-file"),
    path(
        "instruments/import/<int:pk>/discard/",
        instrument_files.DiscardInstrumentFile.as_view(),
        name="discard-instrument-file",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/files/",
        instrument_files.InstrumentAsFiles.as_view(),
        name="instrument-as-files",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/questionnaire.json",
        instrument_files.InstrumentJson.as_view(),
        name="instrument-json",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/redcap.csv",
        instrument_files.InstrumentForRedcap.as_view(),
        name="instrument-redcap",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/checks/",
        instrument_checks.InstrumentChecks.as_view(),
        name="instrument-checks",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/preview/",
        instrument_preview.InstrumentPreview.as_view(),
        name="instrument-preview",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/preview/<slug:pace>/<slug:step>/",
        instrument_preview.PreviewStep.as_view(),
        name="preview-step",
    ),
]
