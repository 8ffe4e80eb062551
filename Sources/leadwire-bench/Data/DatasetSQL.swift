import Postgres

/// The rows, made by the database itself from numbers alone; nothing in them is anybody's.
enum DatasetSQL {
    /// `$1` accounts, each with a pipeline of five stages.
    static let tenants = [
        Statement(
            "bench_accounts",
            """
            INSERT INTO accounts (id, name, default_country, currency, created_at)
            OVERRIDING SYSTEM VALUE
            SELECT n, 'Account ' || n, 'BR', 'BRL', now() FROM generate_series(1, $1::bigint) AS n
            """),
        Statement(
            "bench_pipelines",
            """
            INSERT INTO pipelines (account_id, id, name, position, created_at)
            SELECT n, n, 'Vendas', 1, now() FROM generate_series(1, $1::bigint) AS n
            """),
        Statement(
            "bench_stages",
            """
            INSERT INTO stages (account_id, id, pipeline_id, name, position, created_at)
            SELECT n, (n - 1) * 5 + s, n, 'Stage ' || s, s, now()
            FROM generate_series(1, $1::bigint) AS n, generate_series(1, 5) AS s
            """),
    ]

    /// A rate that no load reaches.
    static let key = Statement(
        "bench_key",
        """
        INSERT INTO api_keys (account_id, name, prefix, hash, permissions, rate_per_minute, created_at)
        VALUES ($3, 'bench', $1, $2, ARRAY['leads:read', 'leads:write', 'whatsapp:read', 'whatsapp:write',
            'messages:read'], 2000000000, now())
        """)

    static let hook = Statement(
        "bench_hook",
        "INSERT INTO hooks (provider, token_hash, secrets, created_at) VALUES ('cloud_api', $1, '', now())")

    static let instance = Statement(
        "bench_instance",
        """
        INSERT INTO instances (
            account_id, id, provider, display_name, phone_number, is_primary, status, base_url, api_version,
            business_account_id, provider_key, secrets, hook_id, created_at, updated_at, throughput)
        SELECT 1, 1, 'cloud_api', 'Bench', '+5521900000000', true, 'connected', $1, 'v23.0', 'bench', 'bench', $2, id,
            now(), now(), 1000000
        FROM hooks
        """)

    static let template = Statement(
        "bench_template",
        """
        INSERT INTO templates (
            account_id, id, business_account_id, name, language, category, status, provider_status, instance_id, labels,
            components, created_at, updated_at)
        VALUES (1, 1, 'bench', 'lembrete_proposta', 'pt_BR', 'UTILITY', 'APPROVED', 'APPROVED', 1,
            ARRAY['nome', 'titulo', 'data'],
            '[{"type": "BODY", "text": "Olá {{1}}, sua {{2}} está agendada para {{3}}.",
               "example": {"body_text": [["Ana", "proposta", "10/07"]]}}]', now(), now())
        """)

    /// Leads `$1`…`$2` of account `$3`, each with a contact of its own, in the words of their numbers within it: `$4` is
    /// what the first of its leads has before it.
    static let leads = [
        Statement(
            "bench_contacts",
            """
            INSERT INTO contacts (account_id, id, name, phone, email, created_at, updated_at)
            SELECT $3::bigint, n, 'Contact ' || n - $4::bigint, '+55119' || lpad((n - $4::bigint)::text, 8, '0'),
                'contact' || n - $4::bigint || '@example.com', now(), now()
            FROM generate_series($1::bigint, $2::bigint) AS n
            """),
        Statement(
            "bench_identifiers",
            """
            INSERT INTO contact_identifiers (account_id, kind, match_key, value, contact_id, evidence, created_at)
            SELECT $3::bigint, 'phone', '5511' || lpad((n - $4::bigint)::text, 8, '0'),
                '+55119' || lpad((n - $4::bigint)::text, 8, '0'), n, 'api', now()
            FROM generate_series($1::bigint, $2::bigint) AS n
            """),
        Statement(
            "bench_leads",
            """
            INSERT INTO leads (
                account_id, id, contact_id, external_id, name, pipeline_id, stage_id, value_minor, currency, source,
                tags, notes, utm_source, utm_medium, utm_campaign, custom_fields, created_at, updated_at)
            SELECT $3::bigint, n, n, 'x-' || n - $4::bigint, 'Lead ' || n - $4::bigint, $3::bigint, ($3::bigint - 1) * 5 + 1 + n % 5,
                (n - $4::bigint) * 100, 'BRL', 'source ' || n % 10,
                ARRAY['tag ' || n % 20, 'tag ' || 20 + n % 7], 'Notes of lead ' || n, 'google', 'cpc',
                'campaign ' || n % 30, '{"city": "São Paulo", "size": 12}', now() - (n % 1000) * interval '1 hour',
                now() - (n % 1000) * interval '1 minute'
            FROM generate_series($1::bigint, $2::bigint) AS n
            """),
        Statement(
            "bench_tags",
            """
            INSERT INTO lead_tags (account_id, tag, lead_id)
            SELECT account_id, tag, id FROM leads, unnest(tags) AS tag
            WHERE account_id = $3::bigint AND id BETWEEN $1::bigint AND $2::bigint AND $4::bigint IS NOT NULL
            """),
    ]

    /// `$3` leads for each of the accounts `$4`…`$2`, numbered from `$1` on.
    static let leadsOfOthers = [
        Statement(
            "bench_other_contacts",
            """
            INSERT INTO contacts (account_id, id, name, created_at, updated_at)
            SELECT a, $1::bigint + (a - $4::bigint) * $3::bigint + n, 'Contact ' || n, now(), now()
            FROM generate_series($4::bigint, $2::bigint) AS a, generate_series(1, $3::bigint) AS n
            """),
        Statement(
            "bench_other_leads",
            """
            INSERT INTO leads (
                account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at)
            SELECT a, $1::bigint + (a - $4::bigint) * $3::bigint + n, $1::bigint + (a - $4::bigint) * $3::bigint + n,
                'Lead ' || n, a, (a - 1) * 5 + 1, 'BRL', now(), now()
            FROM generate_series($4::bigint, $2::bigint) AS a, generate_series(1, $3::bigint) AS n
            """),
    ]

    /// The counters go on where the numbers end; the planner learns what is there. It is not told that the other tables
    /// are empty: it would plan to read through them, and they fill within seconds, before autovacuum looks.
    static let finish = [
        Statement(
            "bench_next_lead", "SELECT setval(pg_get_serial_sequence('leads', 'id'), (SELECT max(id) FROM leads))"),
        Statement(
            "bench_next_contact",
            "SELECT setval(pg_get_serial_sequence('contacts', 'id'), (SELECT max(id) FROM contacts))"),
        Statement(
            "bench_analyse",
            """
            VACUUM (ANALYZE) accounts, pipelines, stages, api_keys, hooks, instances, templates, contacts,
                contact_identifiers, leads, lead_tags
            """),
    ]
}
