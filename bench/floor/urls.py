from django.urls import include, path

from bench.floor import views

urlpatterns = [
    path("bench/floor/", views.floor),
    path("bench/empty/", views.empty),
    path("bench/row/", views.row),
    path("", include("servicedesk.urls")),
]
