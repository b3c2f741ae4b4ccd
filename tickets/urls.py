from django.urls import path

from tickets.views import (
    answer,
    later,
    owning,
    palette,
    people,
    properties,
    queue,
    replies,
    search,
    ticket,
    triage,
    work,
)

urlpatterns = [
    path("", queue.queue, name="queue"),
    path("search/", search.search, name="search"),
    path("do/", palette.palette, name="palette"),
    path("keys/", palette.keys, name="keys"),
    path("t/<str:shown>/", ticket.ticket, name="ticket"),
    path("t/<str:shown>/triage/", triage.triage, name="ticket_triage"),
    path("t/<str:shown>/answer/", answer.answer, name="ticket_answer"),
    path("t/<str:shown>/answer/length/", answer.answer_measure, name="ticket_answer_length"),
    path("t/<str:shown>/later/", later.later, name="ticket_later"),
    path("t/<str:shown>/later/preview/", later.later_preview, name="ticket_later_preview"),
    path("t/<str:shown>/hold/", work.hold, name="ticket_hold"),
    path("t/<str:shown>/hold/preview/", work.hold_preview, name="ticket_hold_preview"),
    path("t/<str:shown>/go-on/", work.go_on, name="ticket_go_on"),
    path("t/<str:shown>/resolve/", work.resolve, name="ticket_resolve"),
    path("t/<str:shown>/resolve/preview/", work.resolve_preview, name="ticket_resolve_preview"),
    path("t/<str:shown>/reopen/", work.reopen, name="ticket_reopen"),
    path("t/<str:shown>/assign/", owning.assign, name="ticket_assign"),
    path("t/<str:shown>/transfer/", owning.transfer, name="ticket_transfer"),
    path("t/<str:shown>/properties/", properties.properties, name="ticket_properties"),
    path(
        "t/<str:shown>/properties/preview/", properties.properties_preview, name="ticket_properties_preview"
    ),
    path("t/<str:shown>/proposal/", properties.proposal, name="ticket_proposal"),
    path("t/<str:shown>/replies/<str:token>/", replies.reply_decide, name="reply_decide"),
    path("t/<str:shown>/tasks/<str:token>/", replies.task_end, name="task_done"),
    path("t/<str:shown>/conversations/<str:token>/part/", people.part, name="conversation_part"),
    path("t/<str:shown>/conversations/<str:token>/messages/", people.opt_out, name="opt_out"),
]
