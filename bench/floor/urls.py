from django.urls import include, path

from bench.floor import views

urlpatterns = [
    path("bench/floor/", views.floor),
    path("bench/empty/", views.empty),
    path("", include("servicedesk.urls")),
]
