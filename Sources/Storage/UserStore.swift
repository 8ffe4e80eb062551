import Postgres

/// The account's people.
enum UserStore {
    /// Those of the given ids that something can be assigned to.
    static let selectIDs = Statement(
        "user_ids",
        "SELECT id FROM users WHERE account_id = $1 AND id = ANY ($2::bigint[]) AND deleted_at IS NULL")
}
