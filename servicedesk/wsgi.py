"""Pages, API and webhooks, served by granian as WSGI."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from servicedesk.garbage import collect_less

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")

application = get_wsgi_application()
collect_less()
