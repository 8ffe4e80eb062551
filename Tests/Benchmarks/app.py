"""The peer: the same reads and the same durable send, as a careful team would write them on FastAPI and asyncpg.

It shares the database, its schema and its SQL (BENCH_STATEMENTS holds the server's own statements by name), remembers a
key for one second as the server does, checks and binds a template, and answers the same fields. What it leaves out only
helps it: permissions beyond one look, rates, the provider's call, logs, metrics and request ids.
"""

import base64
import hashlib
import json
import os
import re
import time
from datetime import datetime, timedelta, timezone

import asyncpg
import orjson
from fastapi import FastAPI, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

SQL = json.load(open(os.environ["BENCH_STATEMENTS"], encoding="utf-8"))
POOL = int(os.environ["BENCH_POOL"])
app = FastAPI(openapi_url=None)
pool: asyncpg.Pool | None = None
keys: dict[bytes, tuple[float, asyncpg.Record]] = {}


@app.get("/ping")
async def ping() -> Response:
    return answer({"success": True, "message": "pong"})


@app.on_event("startup")
async def start() -> None:
    global pool
    pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=POOL, max_size=POOL)


def answer(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, "application/json")


def problem(status: int, code: str) -> Response:
    return answer({"success": False, "code": code, "message": code}, status)


async def caller(token: str | None) -> asyncpg.Record | None:
    if token is None:
        return None
    digest = hashlib.sha256(token.encode()).digest()
    known = keys.get(digest)
    if known and time.monotonic() - known[0] < 1:
        return known[1]
    record = await pool.fetchrow(SQL["api_key_by_hash"], digest)
    if record is not None:
        keys[digest] = (time.monotonic(), record)
    return record


def instant(value: datetime | None) -> str | None:
    return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z" if value else None


def lead(row: asyncpg.Record) -> dict:
    (id, contact, external, name, phone, email, company, birthday, value, currency, source, status, tags, stage_id,
     stage, pipeline_id, pipeline, assigned, notes, utm_source, utm_medium, utm_campaign, utm_term,
     utm_content, custom, lost_reason, won_at, lost_at, opted_out, created_at, updated_at, version) = row
    return {
        "id": id, "contact_id": contact, "external_id": external, "name": name, "phone": phone, "email": email,
        "company": company, "birthday": birthday, "value": None if value is None else value / 100,
        "currency": currency, "source": source, "status": status, "tags": tags,
        "pipeline_id": pipeline_id, "stage_id": stage_id, "stage": {"id": stage_id, "name": stage},
        "pipeline": {"id": pipeline_id, "name": pipeline}, "assigned_to": assigned, "notes": notes,
        "utm_source": utm_source, "utm_medium": utm_medium, "utm_campaign": utm_campaign, "utm_term": utm_term,
        "utm_content": utm_content, "custom_fields": orjson.loads(custom), "lost_reason_id": lost_reason,
        "won_at": instant(won_at), "lost_at": instant(lost_at), "opted_out": opted_out,
        "created_at": instant(created_at), "updated_at": instant(updated_at), "version": version,
    }


@app.get("/api/v1/leads/{id}")
async def show(id: int, x_api_key: str | None = Header(None)) -> Response:
    key = await caller(x_api_key)
    if key is None or "leads:read" not in key["permissions"]:
        return problem(401, "unauthorized")
    row = await pool.fetchrow(SQL["lead_get"], key["account_id"], id)
    return answer({"success": True, "data": lead(row)}) if row else problem(404, "not_found")


@app.get("/api/v1/leads")
async def page(limit: int = 20, cursor: str | None = None, x_api_key: str | None = Header(None)) -> Response:
    key = await caller(x_api_key)
    if key is None or "leads:read" not in key["permissions"]:
        return problem(401, "unauthorized")
    before = id_before(cursor)
    if before is None:
        return problem(422, "validation_failed")
    rows = await pool.fetch(SQL["lead_cursor_by_joins"], key["account_id"], *page_arguments(before, limit))
    more = len(rows) > limit
    leads = [lead(row) for row in rows[:limit]]
    return answer({
        "success": True, "data": leads,
        "meta": {"next_cursor": cursor_after(leads[-1]["id"]) if more else None, "has_more": more},
    })


def id_before(cursor: str | None) -> int | None:
    """The id that the page comes before; nothing for what is no cursor."""
    if cursor is None:
        return 2**63 - 1
    try:
        version, _, id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).partition(b".")
        return int(id) if version == b"1" else None
    except ValueError:
        return None


def cursor_after(id: int) -> str:
    return base64.urlsafe_b64encode(b"1.%d" % id).rstrip(b"=").decode()


def page_arguments(before: int, limit: int) -> list:
    """lead_cursor_by_joins takes its unused filters as nulls, then the cursor and the limit."""
    highest = max(int(n) for n in re.findall(r"\$(\d+)", SQL["lead_cursor_by_joins"]))
    return [None] * (highest - 3) + [before, limit + 1]


class Send(BaseModel):
    model_config = ConfigDict(extra="forbid")
    template_id: int
    variables: list[str]
    instance_id: int | None = None


PLACE = re.compile(r"\{\{(\d+)\}\}")


def bind(components: list, variables: list[str]) -> str | None:
    """The body with its values in, or nothing when they do not fit."""
    body = next((c["text"] for c in components if c["type"] == "BODY"), "")
    slots = sorted({int(n) for n in PLACE.findall(body)})
    if len(slots) != len(variables) or any(not v.strip() or "\n" in v or "\t" in v for v in variables):
        return None
    values = dict(zip(slots, variables))
    return PLACE.sub(lambda m: values[int(m.group(1))], body)


@app.post("/api/v1/leads/{id}/send-whatsapp-template")
async def send(
    id: int, body: Send, request: Request, x_api_key: str | None = Header(None),
    idempotency_key: str | None = Header(None),
) -> Response:
    key = await caller(x_api_key)
    if key is None or "whatsapp:write" not in key["permissions"]:
        return problem(401, "unauthorized")
    account = key["account_id"]
    route = "POST /leads/{id}/send-whatsapp-template"
    digest = hashlib.sha256(b"POST\n" + request.url.path.encode() + b"\n\n" + await request.body()).digest()
    async with pool.acquire() as connection:
        if idempotency_key is not None:
            earlier = await connection.fetchrow(SQL["idempotency_get"], account, route, idempotency_key)
            if earlier is not None:
                return problem(409, "idempotency_key_conflict")
        target = await connection.fetchrow(SQL["send_leads"], account, [id])
        if target is None:
            return problem(404, "not_found")
        addresses = await connection.fetch(SQL["send_addresses"], account, [id])
        conversations = await connection.fetch(SQL["send_conversations"], account, [id])
        instances = await connection.fetch(SQL["instance_list"], account)
        templates = await connection.fetch(SQL["send_templates"], account, [body.template_id], [], [])
        if not templates or templates[0]["status"] != "APPROVED":
            return problem(422, "template_not_approved")
        template = templates[0]
        instance = next((i for i in instances if i["id"] == (body.instance_id or template["instance_id"])), None)
        if instance is None:
            return problem(422, "no_instance")
        text = bind(orjson.loads(template["components"]), body.variables)
        if text is None:
            return problem(422, "binding_failed")
        thread = next((v for v in conversations if v["instance_id"] == instance["id"]), None)
        kind, value = ("phone", target["phone"])
        if addresses:
            kind, value = addresses[0]["kind"], addresses[0]["value"]
        now = datetime.now(timezone.utc)
        content = orjson.dumps({
            "n": template["name"], "l": template["language"],
            "c": [{"p": "b", "v": [{"t": v} for v in body.variables]}],
        }).decode()
        row = await connection.fetchrow(
            SQL["send_accept"], account, "peer", *([value] for value in (
                now, now + timedelta(seconds=60), route if idempotency_key else None, idempotency_key, digest, id,
                target["contact_id"], instance["id"], kind, value, False, "template", text, content, template["id"],
                template["name"], template["language"], template["category"], None, None, None, None, key["id"],
                False, None, None, None, None, None, None, True, False,
            )))
    if row is None:
        return problem(409, "idempotency_key_conflict")
    last = thread["last_inbound_at"] if thread else None
    return answer({
        "success": True,
        "data": {
            "message": {
                "id": row["message_id"], "lead_id": id, "conversation_id": row["conversation_id"],
                "instance_id": instance["id"], "direction": "outbound", "type": "template",
                "status": "sending" if row["dispatches"] else "queued",
                "text": text,
                "template": {
                    "id": template["id"], "name": template["name"], "language": template["language"],
                    "category": template["category"],
                },
                "client_reference": None, "provider_message_id": None, "attempts": int(row["dispatches"]), "error": None,
                "queued_at": instant(now), "accepted_at": None, "sent_at": None, "delivered_at": None,
                "read_at": None, "failed_at": None,
            },
            "window": {
                "instance_id": instance["id"], "state": "closed", "last_inbound_at": instant(last),
                "expires_at": None, "seconds_left": 0,
            },
            "used_fallback": False,
        },
    }, 202)
