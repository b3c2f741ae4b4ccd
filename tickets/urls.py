from django.urls import path

from tickets.views import act, queue, ticket

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("t/<str:shown>/", ticket.ticket, name="ticket"),
    path("t/<str:shown>/triage/", act.triage, name="ticket_triage"),
    path("t/<str:shown>/answer/", act.answer, name="ticket_answer"),
    path("t/<str:shown>/answer/length/", act.answer_measure, name="ticket_answer_length"),
    path("t/<str:shown>/replies/<str:token>/", act.reply_decide, name="reply_decide"),
    path("t/<str:shown>/tasks/<str:token>/", act.task_end, name="task_done"),
]
