import JSON

/// A message's id without the chat around it, which engines write differently: the tail correlates.
enum WAHAMessageID {
    /// `true_5511…@c.us_3EB0…` and `true_1203…@g.us_3EB0…_5511…@c.us` are `3EB0…`, which stays as it is.
    static func bare(_ text: String) -> String? {
        guard !text.isEmpty else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0] == "true" || parts[0] == "false", parts[1].contains("@") else { return text }
        return parts[2].isEmpty ? nil : String(parts[2])
    }

    /// The chat in a long id.
    static func chat(_ text: String) -> WAHAChatID? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        return parts.count >= 3 && parts[1].contains("@") ? WAHAChatID(String(parts[1])) : nil
    }

    /// The long form that `reply_to` is documented with; a bare id is taken for one that the contact wrote.
    static func serialized(_ id: String, chatID: String) -> String {
        id.contains("@") ? id : "false_\(chatID)_\(id)"
    }

    /// In a message of any engine: `id` as text, NOWEB's `key.id`, WEBJS's `id.id`.
    static func bare(in message: JSONValue?) -> String? {
        if let text = message?["id"]?.string { return bare(text) }
        let text = message?["id"]?["id"]?.string ?? message?["id"]?["_serialized"]?.string
        return (text ?? message?["key"]?["id"]?.string).flatMap(bare)
    }
}
