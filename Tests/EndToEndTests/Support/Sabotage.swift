import Postgres

/// A guard taken away in the database behind the servers' back, for the checker to find.
enum Sabotage: CaseIterable {
    /// An idempotency key is not kept with what was done under it.
    case keysForgotten
    /// An attempt whose lease ran out is sent once more.
    case fencesDown
    /// A status may go down.
    case ladderFlat

    /// How the checker begins to tell of it.
    var complaint: String {
        switch self {
        case .keysForgotten: "written 2 times"
        case .fencesDown: "sent 2 times"
        case .ladderFlat: "arrived, and told as"
        }
    }

    private var moment: String {
        switch self {
        case .keysForgotten: "AFTER INSERT ON idempotency_keys"
        case .fencesDown: "BEFORE DELETE ON outbox"
        case .ladderFlat: "BEFORE UPDATE ON messages"
        }
    }

    private var work: String {
        switch self {
        case .keysForgotten:
            """
            DELETE FROM idempotency_keys
            WHERE account_id = NEW.account_id AND route = NEW.route AND key = NEW.key;
            RETURN NULL;
            """
        case .fencesDown:
            """
            IF OLD.lease_until IS NULL OR OLD.lease_until > now() THEN RETURN OLD; END IF;
            UPDATE messages SET status = 'queued', status_rank = 0
            WHERE account_id = OLD.account_id AND id = OLD.message_id;
            UPDATE outbox SET lease_owner = NULL, lease_until = NULL
            WHERE account_id = OLD.account_id AND message_id = OLD.message_id;
            RETURN NULL;
            """
        case .ladderFlat:
            """
            NEW.status_rank := 0;
            RETURN NEW;
            """
        }
    }

    func carryOut(in pool: PostgresPool) async throws {
        for sql in [
            "CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(work) END $$",
            "CREATE TRIGGER sabotage \(moment) FOR EACH ROW EXECUTE FUNCTION sabotage()",
        ] {
            _ = try await pool.write(Statement("sabotage", sql, isPrepared: false))
        }
    }
}
