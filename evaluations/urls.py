"""Addresses of asking, answering and showing. Home and the network page are in dashboards/urls.py."""

from django.urls import path

from evaluations.views import answer_from_home, answer_steps, answering, instruments, results, surveys, texts

app_name = "evaluations"
urlpatterns = [
    path("communities/<slug:slug>/surveys/", surveys.SurveyList.as_view(), name="survey-list"),
    path("communities/<slug:slug>/surveys/open/", surveys.ChooseSurvey.as_view(), name="open-survey"),
    path("communities/<slug:slug>/surveys/open/confirm/", surveys.OpenSurvey.as_view(), name="confirm-survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/", surveys.SurveyPage.as_view(), name="survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/close/", surveys.CloseSurvey.as_view(), name="close-survey"),
    path("communities/<slug:slug>/surveys/<int:pk>/results/", results.Results.as_view(), name="results"),
    path("network/texts/", texts.TextPiles.as_view(), name="texts"),
    path("network/texts/<int:pk>/", texts.ReadTexts.as_view(), name="read-texts"),
    path("network/texts/<int:pk>/show/", texts.ShowTexts.as_view(), name="show-texts"),
    path("network/texts/<int:pk>/<uuid:text>/", texts.DecideText.as_view(), name="read-text"),
    path("network/texts/<int:pk>/<uuid:text>/take-back/", texts.TakeDecisionBack.as_view(), name="take-text-back"),
    path("network/texts/<int:pk>/<uuid:text>/withdraw/", texts.WithdrawText.as_view(), name="withdraw-text"),
    path("me/answer/<int:pk>/", answer_from_home.AnswerFromHome.as_view(), name="answer-from-home"),
    # Behind a link. Only the first address holds the token; from there on it is in an encrypted cookie.
    path("a/", answering.FirstPageAgain.as_view(), name="answer-first"),
    path("a/start/", answering.Start.as_view(), name="answer-start"),
    path("a/answer/<slug:step>/", answer_steps.AnswerStep.as_view(), name="answer-step"),
    path("a/check/", answering.CheckAnswers.as_view(), name="answer-check"),
    path("a/clear/", answering.ClearAnswers.as_view(), name="answer-clear"),
    path("a/done/", answering.Done.as_view(), name="answer-done"),
    path("a/<str:token>/", answering.FirstPage.as_view(), name="answer"),
    # A link cut short by its last slash is answered too: a redirect would leave the token in the browser's cache.
    path("a/<str:token>", answering.FirstPage.as_view()),
    path("instruments/", instruments.InstrumentList.as_view(), name="instrument-list"),
    path("instruments/<slug:code>/", instruments.InstrumentPage.as_view(), name="instrument"),
    path("framework/", instruments.FrameworkPage.as_view(), name="framework"),
]
