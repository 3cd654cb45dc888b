"""Addresses of questionnaires from files and as files, their checks and their preview."""

from django.urls import path

from evaluations.views.instruments import checks, files, preview

urlpatterns = [
    path("instruments/import/", files.ImportInstruments.as_view(), name="import-instruments"),
    path("instruments/import/<int:pk>/", files.InstrumentFilePage.as_view(), name="instrument-file"),
    path(
        "instruments/import/<int:pk>/discard/",
        files.DiscardInstrumentFile.as_view(),
        name="discard-instrument-file",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/files/",
        files.InstrumentAsFiles.as_view(),
        name="instrument-as-files",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/questionnaire.json",
        files.InstrumentJson.as_view(),
        name="instrument-json",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/redcap.csv",
        files.InstrumentForRedcap.as_view(),
        name="instrument-redcap",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/checks/",
        checks.InstrumentChecks.as_view(),
        name="instrument-checks",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/preview/",
        preview.InstrumentPreview.as_view(),
        name="instrument-preview",
    ),
    path(
        "instruments/<slug:code>/versions/<int:number>/preview/<slug:pace>/<slug:step>/",
        preview.PreviewStep.as_view(),
        name="preview-step",
    ),
]
