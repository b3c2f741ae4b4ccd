"""Sockets only; pages, API and webhooks are WSGI (servicedesk/wsgi.py), which is the faster of the two for them."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")

application = get_asgi_application()
