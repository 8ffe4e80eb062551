/// A guard of the database that is taken away, so that a judge can be judged.
enum Sabotage: CaseIterable, Sendable {
    /// The key of a send is not kept with the send.
    case keysForgotten
    /// An attempt whose process died is made again.
    case attemptsRepeated
    /// A status goes wherever a report says.
    case ladderOff

    /// What must be told of it begins so.
    var complaint: String {
        switch self {
        case .keysForgotten: "written 2 times"
        case .attemptsRepeated: "sent 2 times"
        case .ladderOff: "arrived, and told as"
        }
    }

    var statements: [String] {
        let (table, when, body) =
            switch self {
            case .keysForgotten:
                ("idempotency_keys", "BEFORE INSERT", "NEW.key := NEW.key || NEW.message_id; RETURN NEW;")
            case .attemptsRepeated:
                (
                    "messages", "AFTER UPDATE",
                    """
                    IF NEW.status = 'unknown' AND OLD.status = 'sending' THEN
                        UPDATE messages SET status = 'queued', status_rank = 0
                        WHERE account_id = NEW.account_id AND id = NEW.id;
                        INSERT INTO outbox (account_id, message_id, conversation_id, instance_id, run_at)
                        VALUES (NEW.account_id, NEW.id, NEW.conversation_id, NEW.instance_id, now());
                    END IF;
                    RETURN NULL;
                    """
                )
            case .ladderOff:
                (
                    "messages", "BEFORE UPDATE",
                    "IF NEW.status_rank BETWEEN 20 AND 99 THEN NEW.status_rank := 20; END IF; RETURN NEW;"
                )
            }
        return [
            "CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) END $$",
            "CREATE TRIGGER sabotage \(when) ON \(table) FOR EACH ROW EXECUTE FUNCTION sabotage()",
        ]
    }
}
