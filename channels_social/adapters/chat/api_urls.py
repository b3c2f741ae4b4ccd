from django.contrib.auth.decorators import login_not_required
from django.urls import path

from channels_social.adapters.chat import api

_HOME = "api/chat/v1/<str:site>"

#: Open to whoever has a visitor's token; nobody signs in here, and no cookie is looked at.
urlpatterns = [
    path(f"{_HOME}/session", login_not_required(api.Session.as_view()), name="chat_api_session"),
    path(f"{_HOME}/state", login_not_required(api.State.as_view()), name="chat_api_state"),
    path(f"{_HOME}/messages", login_not_required(api.Messages.as_view()), name="chat_api_messages"),
    path(f"{_HOME}/files", login_not_required(api.Files.as_view()), name="chat_api_files"),
    path(
        f"{_HOME}/files/<str:whose>/<str:name>/<str:key>",
        login_not_required(api.File.as_view()),
        name="chat_api_file",
    ),
    path(f"{_HOME}/seen", login_not_required(api.Seen.as_view()), name="chat_api_seen"),
    path(f"{_HOME}/typing", login_not_required(api.Typing.as_view()), name="chat_api_typing"),
    path(f"{_HOME}/address", login_not_required(api.Address.as_view()), name="chat_api_address"),
    path(f"{_HOME}/end", login_not_required(api.End.as_view()), name="chat_api_end"),
]
