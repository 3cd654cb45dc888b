"""The API's addresses of questionnaires from files and as files. Included by evaluations/api/routes.py."""

from django.urls import path

from evaluations.api import instrument_files

VERSION = "instruments/<slug:code>/versions/<int:number>/"

urlpatterns = [
    path("instrument-files/", instrument_files.InstrumentFileList.as_view(), name="instrument-file-list"),
    path("instrument-files/<int:pk>/", instrument_files.InstrumentFileDetail.as_view(), name="instrument-file"),
    path(
        "instrument-files/<int:pk>/drafts/",
        instrument_files.InstrumentFileDrafts.as_view(),
        name="instrument-file-drafts",
    ),
    path(f"{VERSION}checks/", instrument_files.InstrumentChecks.as_view(), name="instrument-checks"),
    path(f"{VERSION}json/", instrument_files.InstrumentAsJson.as_view(), name="instrument-json"),
    path(f"{VERSION}redcap/", instrument_files.InstrumentAsDictionary.as_view(), name="instrument-redcap"),
]
