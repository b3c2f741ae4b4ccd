from django.urls import path

from accounts import views, views_me

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    # The same under the name that django-allauth looks for.
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("join/<str:token>/", views_me.invitation, name="invitation"),
    path("me/", views_me.me, name="me"),
    path("me/password/", views_me.me_password, name="me_password"),
    path("me/sessions/", views_me.me_session, name="me_session"),
]
