"""The API's addresses for asking several communities at once, and for what comes before opening."""

from django.urls import path

from evaluations.api import opening, waves

urlpatterns = [
    path("communities/<slug:slug>/surveys/preview/", opening.PreviewSurvey.as_view(), name="survey-preview"),
    path("communities/<slug:slug>/wave-plan/", opening.WavePlan.as_view(), name="wave-plan"),
    path("waves/", waves.WaveList.as_view(), name="wave-list"),
    path("waves/launch/", waves.LaunchWave.as_view(), name="wave-launch"),
    path("waves/preview/", waves.PreviewWave.as_view(), name="wave-preview"),
    path("waves/<int:pk>/", waves.WaveDetail.as_view(), name="wave"),
    path("waves/<int:pk>/communities/", waves.WidenWave.as_view(), name="wave-communities"),
]
