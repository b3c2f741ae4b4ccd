"""Celery as an alarm clock: it wakes workers, the rows hold the work (docs/architecture.md).

Settings come from Django's, names prefixed CELERY_. Tasks are found as `tasks.py` of each app and named
`<app>.<task>`. `BEAT` is the one list of what runs by itself; `manage.py desk_tick` does one pass of the same.
"""

from __future__ import annotations

import os
import sys

from celery import Celery
from celery.signals import task_postrun, task_prerun, worker_process_init
from django.db import close_old_connections

from servicedesk.garbage import collect_less

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servicedesk.settings")

BEAT: dict[str, float] = {
    # task name: seconds between two passes
    "channels_social.events_process_due": 5.0,
    "channels_social.deliver_due": 2.0,
    "tickets.replies_let_go": 2.0,
    "tickets.waits_due": 5.0,
    "channels_social.poll_due": 5.0,
    "channels_social.look_up_due": 5.0,
    "channels_social.hooks_due": 30.0,
    "channels_social.attachments_due": 15.0,
    "channels_social.events_purge": 600.0,
    "channels_social.capabilities_refresh": 60.0,
    "tickets.clock_due": 3.0,
    "tickets.tasks_due": 15.0,
    "tickets.words_due": 5.0,
    "tickets.rollouts_due": 5.0,
    "reports.previews_due": 5.0,
    "tickets.calendars_due": 3600.0,
    "tickets.files_tidy": 3600.0,
    "tickets.staff_mails_due": 15.0,
    "tickets.told_tidy": 3600.0,
}

app = Celery("servicedesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Left alone, Celery closes the database's connection before and after every job: a third of the way from a post to its
# reply was connecting anew, and reading the catalogue. A job keeps it as a request does: checked before it is used,
# closed after an error or CONN_MAX_AGE.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize


@task_prerun.connect(weak=False)
@task_postrun.connect(weak=False)
def _connections_as_in_a_request(**_: object) -> None:
    close_old_connections()


worker_process_init.connect(collect_less, weak=False)

app.conf.beat_schedule = {
    # A pass that could not start before the next one is due is of no use any more.
    name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
    for name, seconds in BEAT.items()
}
