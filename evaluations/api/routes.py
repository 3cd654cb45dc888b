"""The API's addresses for asking and showing."""

from django.urls import path

from evaluations.api import instruments, results, surveys

urlpatterns = [
    path("evaluation-questions/", instruments.EvaluationQuestionList.as_view(), name="evaluation-question-list"),
    path("instruments/", instruments.InstrumentList.as_view(), name="instrument-list"),
    path("instruments/<slug:code>/", instruments.InstrumentDetail.as_view(), name="instrument"),
    path("surveys/", surveys.SurveyList.as_view(), name="survey-list"),
    path("surveys/<int:pk>/", surveys.SurveyDetail.as_view(), name="survey"),
    path("surveys/<int:pk>/close/", surveys.CloseSurvey.as_view(), name="survey-close"),
    path("surveys/<int:pk>/results/", results.SurveyResults.as_view(), name="survey-results"),
    path("communities/<slug:slug>/surveys/open/", surveys.OpenSurvey.as_view(), name="survey-open"),
]
