import Crypto
import Postgres
import Storage

/// The rows of one accepted send, for pgbench.
struct SendScripts {
    /// BEGIN, a statement a table, COMMIT: as a program writes them that knows no better.
    let byStatements: String
    /// The server's own statement.
    let own: String

    private static let content =
        #"{"n": "lembrete_proposta", "l": "pt_BR", "c": [{"p": "b", "v": [{"t": "Ana"}, {"t": "proposta"}, {"t": "10/07"}]}]}"#
    private static let text = "Olá Ana, sua proposta está agendada para 10/07."
    private static let route = "POST /leads/{id}/send-whatsapp-template"

    init(_ data: Dataset) {
        let draw = "\\set lead random(1, \(data.leads))\n\\set r random(1, 9223372036854775807)\n"
        let hash = "'\\x\(String(repeating: "ab", count: 32))'::bytea"
        let phone = "'+55119' || lpad(:lead::text, 8, '0')"
        own =
            draw
            + Pgbench.inline(
                BenchStatements.accept,
                [
                    "1", "'bench'", "ARRAY[now()]", "ARRAY[now() + interval '60 seconds']", "ARRAY['\(Self.route)']",
                    "ARRAY['pg-' || :r]", "ARRAY[\(hash)]", "ARRAY[:lead::bigint]", "ARRAY[:lead::bigint]", "ARRAY[1]",
                    "ARRAY['phone']", "ARRAY[\(phone)]", "ARRAY[false]", "ARRAY['template']", "ARRAY['\(Self.text)']",
                    "ARRAY['\(Self.content)'::jsonb]", "ARRAY[1]", "ARRAY['lembrete_proposta']", "ARRAY['pt_BR']",
                    "ARRAY['UTILITY']", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[1]",
                    "ARRAY[false]", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[NULL]", "ARRAY[NULL]",
                    "ARRAY[NULL]", "ARRAY[true]", "ARRAY[false]",
                ])
        byStatements =
            draw + """
                BEGIN;
                SELECT nextval('messages_id_seq') AS message_id \\gset
                INSERT INTO idempotency_keys (account_id, route, key, request_hash, message_id, created_at)
                VALUES (1, '\(Self.route)', 'st-' || :r, \(hash), :message_id, now())
                ON CONFLICT (account_id, route, key) DO NOTHING;
                INSERT INTO conversations AS v (
                    account_id, contact_id, instance_id, recipient_kind, recipient_value, last_message_at, created_at)
                VALUES (1, :lead, 1, 'phone', \(phone), now(), now())
                ON CONFLICT (account_id, contact_id, instance_id) DO UPDATE SET
                    last_message_at = GREATEST(v.last_message_at, EXCLUDED.last_message_at)
                RETURNING v.id AS conversation_id, (v.created_at = now())::int AS is_new \\gset
                SELECT count(*) AS ahead FROM outbox
                WHERE account_id = 1 AND conversation_id = :conversation_id AND lease_until IS NULL \\gset
                INSERT INTO messages (
                    account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status,
                    status_rank, text, content, template_id, template_name, template_language, template_category,
                    recipient_kind, recipient_value, api_key_id, attempts, queued_at, updated_at)
                VALUES (1, :message_id, :conversation_id, :lead, 1, :lead, 'outbound', 'template', 'sending', 10,
                    '\(Self.text)', '\(Self.content)', 1, 'lembrete_proposta', 'pt_BR', 'UTILITY', 'phone', \(phone),
                    1, 1, now(), now());
                INSERT INTO attempts (account_id, message_id, number, started_at) VALUES (1, :message_id, 1, now());
                INSERT INTO outbox (
                    account_id, message_id, conversation_id, instance_id, run_at, lease_owner, lease_until)
                VALUES (1, :message_id, :conversation_id, 1, now(), 'bench', now() + interval '60 seconds');
                INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
                SELECT 1, 'message.queued', now(), m.lead_id, m.id, \(BenchStatements.messageEvent)
                FROM messages m WHERE m.account_id = 1 AND m.id = :message_id;
                \\if :is_new
                INSERT INTO events (account_id, type, created_at, lead_id, data)
                VALUES (1, 'conversation.created', now(), :lead, jsonb_build_object('conversation', jsonb_build_object(
                    'id', :conversation_id::bigint, 'contact_id', :lead::bigint, 'instance_id', 1)));
                \\endif
                COMMIT;

                """
    }
}
