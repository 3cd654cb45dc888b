from django.urls import URLPattern, URLResolver, path

from cop_portal.demo import views

app_name = "demo"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("doors/<slug:door>/", views.Enter.as_view(), name="enter"),
    path("next-working-morning/", views.NextWorkingMorning.as_view(), name="next-working-morning"),
    path("mail/", views.MailList.as_view(), name="mail-list"),
    path("mail/<slug:name>/", views.Mail.as_view(), name="mail"),
]
