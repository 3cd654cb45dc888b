from django.urls import URLPattern, URLResolver

app_name = "installation"
urlpatterns: list[URLPattern | URLResolver] = []
