"""The API's addresses for a community's working life."""

from django.urls import path

from communities.api import minutes, rhythm, search, views

urlpatterns = [
    path("search/", search.Search.as_view(), name="search"),
    path("communities/", views.CommunityList.as_view(), name="community-list"),
    path("communities/<slug:slug>/", views.CommunityDetail.as_view(), name="community"),
    path("communities/<slug:slug>/rhythm/", rhythm.RhythmCardDetail.as_view(), name="rhythm"),
    path("memberships/", views.MembershipList.as_view(), name="membership-list"),
    path("memberships/<int:pk>/", views.MembershipDetail.as_view(), name="membership"),
    path("sessions/", views.SessionList.as_view(), name="session-list"),
    path("sessions/<int:pk>/", views.SessionDetail.as_view(), name="session"),
    path("sessions/<int:pk>/record/", views.RecordSession.as_view(), name="session-record"),
    path("sessions/<int:pk>/minutes/", minutes.SessionMinutes.as_view(), name="session-minutes"),
    path("sessions/<int:pk>/minutes/docx/", minutes.SessionMinutesDocx.as_view(), name="session-minutes-docx"),
    path("sessions/<int:pk>/minutes/share/", minutes.ShareMinutes.as_view(), name="session-minutes-share"),
    path("sessions/<int:pk>/minutes/take-back/", minutes.TakeBackMinutes.as_view(), name="session-minutes-take-back"),
    path("actions/", views.ActionList.as_view(), name="action-list"),
    path("actions/<int:pk>/", views.ActionDetail.as_view(), name="action"),
]
