"""The API's addresses for asking and showing."""

from django.urls import include, path

from evaluations.api import (
    heard,
    instruments,
    pulses,
    results,
    survey_exports,
    survey_life,
    surveys,
    texts,
)

urlpatterns = [
    path("evaluation-questions/", instruments.EvaluationQuestionList.as_view(), name="evaluation-question-list"),
    path("instruments/", instruments.InstrumentList.as_view(), name="instrument-list"),
    path("instruments/<slug:code>/", instruments.InstrumentDetail.as_view(), name="instrument"),
    path("", include("evaluations.api.draft_routes")),
    path("", include("evaluations.api.instrument_file_routes")),
    path("surveys/", surveys.SurveyList.as_view(), name="survey-list"),
    path("surveys/<int:pk>/", surveys.SurveyDetail.as_view(), name="survey"),
    path("surveys/<int:pk>/close/", surveys.CloseSurvey.as_view(), name="survey-close"),
    path("surveys/<int:pk>/more-time/", survey_life.MoreTime.as_view(), name="survey-more-time"),
    path("surveys/<int:pk>/cancel/", survey_life.CancelSurvey.as_view(), name="survey-cancel"),
    path("surveys/<int:pk>/share/", heard.ShareResults.as_view(), name="survey-share"),
    path("surveys/<int:pk>/stop-sharing/", heard.StopSharing.as_view(), name="survey-stop-sharing"),
    path("surveys/<int:pk>/heard/", heard.SurveyHeard.as_view(), name="survey-heard"),
    path("texts/", texts.TextPiles.as_view(), name="text-list"),
    path("surveys/<int:pk>/texts/", texts.TextsToRead.as_view(), name="survey-texts"),
    path("surveys/<int:pk>/texts/show/", texts.ShowTexts.as_view(), name="survey-texts-show"),
    path("surveys/<int:pk>/texts/<uuid:text>/release/", texts.ReleaseText.as_view(), name="text-release"),
    path("surveys/<int:pk>/texts/<uuid:text>/withhold/", texts.WithholdText.as_view(), name="text-withhold"),
    path("surveys/<int:pk>/texts/<uuid:text>/take-back/", texts.TakeDecisionBack.as_view(), name="text-take-back"),
    path("surveys/<int:pk>/texts/<uuid:text>/withdraw/", texts.WithdrawText.as_view(), name="text-withdraw"),
    path("surveys/<int:pk>/results/", results.SurveyResults.as_view(), name="survey-results"),
    path("surveys/<int:pk>/exports/", survey_exports.SurveyExportList.as_view(), name="survey-export-list"),
    path("survey-exports/<int:pk>/", survey_exports.SurveyExportDetail.as_view(), name="survey-export"),
    path(
        "survey-exports/<int:pk>/download/",
        survey_exports.DownloadSurveyExport.as_view(),
        name="survey-export-download",
    ),
    path("sessions/<int:pk>/pulse/", pulses.SendPulse.as_view(), name="session-pulse"),
    path("sessions/<int:pk>/room-pulse/", pulses.RoomPulse.as_view(), name="session-room-pulse"),
    path("sessions/<int:pk>/room-pulse/close/", pulses.CloseRoom.as_view(), name="session-room-pulse-close"),
    path("", include("evaluations.api.wave_routes")),
    path("communities/<slug:slug>/surveys/open/", surveys.OpenSurvey.as_view(), name="survey-open"),
]
