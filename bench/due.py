"""Tickets for the bench of the sweep, made by SQL with everything around them."""

from __future__ import annotations

#: Tickets of one kind: "later" (nothing due), "target" or "notice". Two open targets each, but for a notice's, whose
#: first response was met; who was told a date has an acknowledgement and a promise.
MAKE = """
WITH n AS (SELECT g, nextval(pg_get_serial_sequence('tickets_contact', 'id')) AS contact,
                  nextval(pg_get_serial_sequence('tickets_identity', 'id')) AS identity,
                  nextval(pg_get_serial_sequence('tickets_ticket', 'id')) AS ticket,
                  nextval(pg_get_serial_sequence('tickets_conversation', 'id')) AS conversation,
                  nextval(pg_get_serial_sequence('tickets_outboundreply', 'id')) AS reply
             FROM generate_series(1, %(count)s) g),
contact AS (INSERT INTO tickets_contact (id, name, language, language_source, created_at)
            OVERRIDING SYSTEM VALUE SELECT contact, '', 'nl', 'guessed', %(asked)s FROM n),
identity AS (INSERT INTO tickets_identity (id, contact_id, kind, scope, external_id, handle, name,
       is_automated, created_at)
             OVERRIDING SYSTEM VALUE SELECT identity, contact, 'bench', '', identity::text, '', '', false,
             %(asked)s FROM n),
ticket AS (
    INSERT INTO tickets_ticket (id, reference, account_id, caller_id, team_id, status, hold_kind, hold_for,
       triage, triage_by,
           triage_reason, call_type, category, impact, urgency, priority, priority_rank, is_danger, date_means,
           reasons,
           policy_revision_id, language, language_source, place, tags, tags_by, custom, clock_started_at, queue_at,
           at_risk_at, due_at,
           next_at, promised_for, promise_kind, calls, resolved_how, created_at, version)
    OVERRIDING SYSTEM VALUE
    SELECT ticket, lpad(to_hex(ticket), 8, '0'), %(account)s, contact, %(team)s, 'open', '', '', 'respond',
       'rule', '',
           'fault_report', 'tickets_gates', 'medium', 'medium', 'P3', 3, false, 'solved', '[]', %(revision)s,
           'nl', 'network',
           '', '[]', 'rule', '{}', %(asked)s, %(promised)s, %(risk)s, %(promised)s, %(next)s,
           CASE WHEN %(told)s THEN %(promised)s::timestamptz END, CASE WHEN %(told)s THEN 'solved' ELSE '' END,
           1, '', %(asked)s, 1
      FROM n),
conversation AS (
    INSERT INTO tickets_conversation (id, account_id, thread_key, visibility, identity_id, contact_id, ticket_id,
           root_external_id, reply_to, reply_rule, automated_since_inbound, last_inbound_at, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT conversation, %(account)s, 'bench:' || conversation, 'public', identity, contact, ticket, '',
       'p' || conversation,
           '{"allowed": true, "rule": "summoned", "until": null}', 1, %(asked)s, %(asked)s FROM n),
message AS (
    INSERT INTO tickets_message (account_id, conversation_id, ticket_id, external_id, direction, visibility,
       kind, identity_id,
           body, language, addressed, addressed_by_parent, machine_rule, version_id, version_order,
           parent_external_id, url,
           sent_at, received_at, removed_rule)
    SELECT %(account)s, conversation, ticket, 'p' || conversation, 'in', 'public', 'message', identity,
       'words of a post', 'nl',
           true, false, '', 'p' || conversation, 1, '', '', %(asked)s, %(asked)s, '' FROM n WHERE %(told)s),
reply AS (
    INSERT INTO tickets_outboundreply (id, account_id, conversation_id, ticket_id, dedupe_key, kind,
       is_automatic, effect, args,
           language, text, rendered_at, in_reply_to, tells_for, tells_kind, tells_reason, state, precedence,
           next_try_at,
           attempts, unclear_count, held_reason, held_by, error_code, error_words, created_at, sent_at, settled_at)
    OVERRIDING SYSTEM VALUE
    SELECT reply, %(account)s, conversation, ticket, 'ack:' || ticket, 'acknowledgement', true, '', '{}', 'nl',
       'words', %(asked)s,
           'p' || conversation, %(promised)s, 'solved', 'acknowledged', 'sent', 13, %(asked)s, 1, 0, '', '',
           '', '', %(asked)s,
           %(asked)s, %(asked)s FROM n WHERE %(told)s),
promise AS (
    INSERT INTO tickets_promise (ticket_id, promised_for, kind, reason, reason_args, reply_id, told_at,
       at_risk_at, notice_at, calendar,
           "end", end_reason)
    SELECT ticket, %(promised)s, 'solved', 'acknowledged', '{}', reply, %(asked)s, %(risk)s, %(notice)s, '', '', ''
      FROM n WHERE %(told)s)
INSERT INTO tickets_target (ticket_id, kind, cycle, calendar, started_at, due_at, at_risk_at, met_at)
SELECT ticket, t.kind, 1, 'desk', %(asked)s, t.due, %(asked)s, t.met
  FROM n, (VALUES ('first_response', %(first)s::timestamptz, %(met)s::timestamptz),
                  ('resolution', %(promised)s::timestamptz, NULL)) t (kind, due, met)
"""
OURS = (
    "tickets_ticketevent",
    "tickets_agenttask",
    "tickets_promise",
    "tickets_message",
    "tickets_outboundreply",
    "tickets_target",
    "tickets_conversation",
    "tickets_ticket",
    "tickets_identity",
    "tickets_contact",
)
