"""Addresses of asking, answering and showing. Home and the network page are in dashboards/urls.py."""

from django.urls import include, path, register_converter

from communities.views.sessions.check_in_link import CheckInCode
from evaluations.views.answers import answering, link_choices, own_answers, room_door
from evaluations.views.answers import from_home as answer_from_home
from evaluations.views.answers import steps as answer_steps
from evaluations.views.pulses import asking as pulses
from evaluations.views.results import exports as survey_exports
from evaluations.views.results import heard, named_answers, texts
from evaluations.views.results import reading as results
from evaluations.views.surveys import life as survey_life
from evaluations.views.surveys import opening, pseudonym_keys, retention, waves
from evaluations.views.surveys import reading as surveys

app_name = "evaluations"
register_converter(CheckInCode, "roomcode")
urlpatterns = [
    path("communities/<slug:slug>/surveys/", surveys.SurveyList.as_view(), name="survey-list"),
    path("communities/<slug:slug>/surveys/open/", opening.ChooseSurvey.as_view(), name="open-survey"),
    path("communities/<slug:slug>/surveys/open/how/", opening.SetUpSurvey.as_view(), name="set-up-survey"),
    path("communities/<slug:slug>/surveys/open/confirm/", opening.OpenSurvey.as_view(), name="confirm-survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/", surveys.SurveyPage.as_view(), name="survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/close/", surveys.CloseSurvey.as_view(), name="close-survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/more-time/", survey_life.MoreTime.as_view(), name="more-time"),
    path("communities/<slug:slug>/surveys/<int:pk>/cancel/", survey_life.CancelSurvey.as_view(), name="cancel-survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/results/", results.Results.as_view(), name="results"),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/export/", survey_exports.ExportSurvey.as_view(), name="export-survey"
    ),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/exports/<int:export_pk>/",
        survey_exports.ExportPage.as_view(),
        name="export",
    ),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/exports/<int:export_pk>/progress/",
        survey_exports.ExportProgress.as_view(),
        name="export-progress",
    ),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/exports/<int:export_pk>/download/",
        survey_exports.DownloadExport.as_view(),
        name="download-export",
    ),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/exports/<int:export_pk>/delete/",
        survey_exports.DeleteExport.as_view(),
        name="delete-export",
    ),
    path("communities/<slug:slug>/surveys/<int:pk>/share/", heard.ShareResults.as_view(), name="share-results"),
    path("communities/<slug:slug>/surveys/<int:pk>/stop-sharing/", heard.StopSharing.as_view(), name="stop-sharing"),
    path("communities/<slug:slug>/surveys/<int:pk>/heard/", heard.WriteHeard.as_view(), name="write-heard"),
    path("communities/<slug:slug>/surveys/<int:pk>/who/", named_answers.WhoAnswered.as_view(), name="who-answered"),
    path(
        "communities/<slug:slug>/surveys/<int:pk>/who/<int:person>/",
        named_answers.AnswersOf.as_view(),
        name="answers-of",
    ),
    path("network/texts/", texts.TextPiles.as_view(), name="texts"),
    path("network/texts/<int:pk>/", texts.ReadTexts.as_view(), name="read-texts"),
    path("network/texts/<int:pk>/show/", texts.ShowTexts.as_view(), name="show-texts"),
    path("network/texts/<int:pk>/<uuid:text>/", texts.DecideText.as_view(), name="read-text"),
    path("network/texts/<int:pk>/<uuid:text>/take-back/", texts.TakeDecisionBack.as_view(), name="take-text-back"),
    path("network/texts/<int:pk>/<uuid:text>/withdraw/", texts.WithdrawText.as_view(), name="withdraw-text"),
    path("network/waves/", waves.WaveList.as_view(), name="wave-list"),
    path("network/waves/launch/", waves.ChooseForWave.as_view(), name="launch-wave"),
    path("network/waves/launch/how/", waves.SetUpWave.as_view(), name="set-up-wave"),
    path("network/waves/launch/confirm/", waves.LaunchWave.as_view(), name="confirm-wave"),
    path("network/waves/<int:pk>/", waves.WavePage.as_view(), name="wave"),
    path("network/waves/<int:pk>/more/", waves.ChooseMoreCommunities.as_view(), name="widen-wave"),
    path("network/waves/<int:pk>/more/confirm/", waves.WidenWave.as_view(), name="confirm-widening"),
    path("network/pseudonym-keys/", pseudonym_keys.PseudonymKeys.as_view(), name="pseudonym-keys"),
    path("network/pseudonym-keys/<int:pk>/hold/", pseudonym_keys.HoldKey.as_view(), name="hold-key"),
    path("network/pseudonym-keys/<int:pk>/lift/", pseudonym_keys.LiftKeyHold.as_view(), name="lift-key-hold"),
    path("network/retention/", retention.Retention.as_view(), name="retention"),
    path("network/retention/all/", retention.DestroyAllAnswers.as_view(), name="destroy-all-answers"),
    path("network/retention/<int:pk>/", retention.DestroyAnswers.as_view(), name="destroy-answers"),
    path("me/answers/", own_answers.OwnAnswersList.as_view(), name="own-answers"),
    path("me/answers/<int:pk>/", own_answers.OwnAnswersTo.as_view(), name="own-answers-to"),
    path("me/answers/<int:pk>/erase/", own_answers.EraseOwnAnswers.as_view(), name="erase-own-answers"),
    path(
        "me/answers/<int:pk>/correct/<slug:code>/",
        own_answers.CorrectOwnAnswer.as_view(),
        name="correct-own-answer",
    ),
    path("me/mail/", link_choices.MyMail.as_view(), name="my-mail"),
    path("communities/<slug:slug>/sessions/<int:pk>/pulse/", pulses.SendPulse.as_view(), name="send-pulse"),
    path("communities/<slug:slug>/sessions/<int:pk>/room-pulse/", pulses.RoomPulse.as_view(), name="room-pulse"),
    path(
        "communities/<slug:slug>/sessions/<int:pk>/room-pulse/now/",
        pulses.RoomPulseNow.as_view(),
        name="room-pulse-now",
    ),
    path("communities/<slug:slug>/sessions/<int:pk>/room-pulse/close/", pulses.CloseRoom.as_view(), name="close-room"),
    path("me/answer/<int:pk>/", answer_from_home.AnswerFromHome.as_view(), name="answer-from-home"),
    # Behind a link. Only the first address holds the token; from there on it is in an encrypted cookie.
    path("a/", answering.FirstPageAgain.as_view(), name="answer-first"),
    path("a/start/", answering.Start.as_view(), name="answer-start"),
    path("a/answer/<slug:step>/", answer_steps.AnswerStep.as_view(), name="answer-step"),
    path("a/check/", answering.CheckAnswers.as_view(), name="answer-check"),
    path("a/clear/", answering.ClearAnswers.as_view(), name="answer-clear"),
    path("a/done/", answering.Done.as_view(), name="answer-done"),
    path("a/<str:token>/stop/", link_choices.StopPage.as_view(), name="answer-stop"),
    path("a/room/", room_door.TypeRoomCode.as_view(), name="type-room-code"),
    path("a/room", room_door.TypeRoomCode.as_view()),
    path("a/room/place/", room_door.TakePlace.as_view(), name="take-place"),
    path("a/room/<roomcode:code>/", room_door.OpenRoom.as_view(), name="room-code"),
    path("a/room/<roomcode:code>", room_door.OpenRoom.as_view()),
    path("a/<str:token>/", answering.FirstPage.as_view(), name="answer"),
    # A link cut short by its last slash is answered too: a redirect would leave the token in the browser's cache.
    path("a/<str:token>", answering.FirstPage.as_view()),
    # Before those that take any word for a questionnaire’s code.
    path("", include("evaluations.views.instruments.file_addresses")),
    path("", include("evaluations.views.instruments.addresses")),
]
