import Domain
import JSON

extension CloudAPIWebhook {
    /// Every entry, change, message and status; up to a thousand come in one body, of several numbers at once.
    package static func items(of body: [UInt8]) -> [InboundItem] {
        guard let json = try? JSONParser.parse(body) else { return [.malformed(reason: "body is not JSON")] }
        guard json["object"]?.string == "whatsapp_business_account" else {
            return [.malformed(reason: "object is not whatsapp_business_account")]
        }
        guard let entries = json["entry"]?.array else { return [.malformed(reason: "entry is missing")] }
        return entries.flatMap { entry in
            guard let changes = entry["changes"]?.array else {
                return [InboundItem.malformed(reason: "entry.changes is missing")]
            }
            return changes.flatMap { items(of: $0, businessAccountID: entry["id"]?.string) }
        }
    }

    private static func items(of change: JSONValue, businessAccountID: String?) -> [InboundItem] {
        guard let field = change["field"]?.string, let value = change["value"], value.object != nil else {
            return [.malformed(reason: "change without field or value")]
        }
        let instance = value["metadata"]?["phone_number_id"]?.string.map(InstanceKey.phoneNumberID)
        if field == "user_preferences" {
            return preferences(value, instance: instance, businessAccountID: businessAccountID)
        }
        guard field == "messages" else {
            if let businessAccountID, let word = messagingLimit(field, value) {
                return [.messagingLimit(.init(businessAccountID: businessAccountID, word: word))]
            }
            return [
                .other(
                    InboundEvent(instance: instance, businessAccountID: businessAccountID, kind: field, raw: value))
            ]
        }
        guard let instance else { return [.malformed(reason: "metadata.phone_number_id is missing")] }
        var items: [InboundItem] = []
        let contacts = value["contacts"]?.array ?? []
        for message in list(value, "messages", &items) {
            items.append(CloudAPIInboundMessage.item(message, instance: instance, contacts: contacts))
        }
        for status in list(value, "statuses", &items) {
            items.append(CloudAPIStatus.item(status, instance: instance, businessAccountID: businessAccountID))
        }
        for error in list(value, "errors", &items) {
            items.append(
                .other(
                    InboundEvent(
                        instance: instance, businessAccountID: businessAccountID, kind: "errors", raw: error)))
        }
        return items.map { $0.named(instance) }
    }

    /// A new limit, which comes as a word or as a number; nil where none is told.
    private static func messagingLimit(_ field: String, _ value: JSONValue) -> String? {
        guard ["business_capability_update", "phone_number_quality_update"].contains(field) else { return nil }
        // Until February 2026 a number's update had it as `current_limit`.
        guard let limit = value["max_daily_conversations_per_business"] ?? value["current_limit"] else { return nil }
        if let word = limit.string { return word.hasPrefix("TIER_") && word.utf8.count <= 64 ? word : nil }
        return limit.int64.flatMap(MessagingTier.word(of:))
    }

    private static func preferences(
        _ value: JSONValue, instance: InstanceKey?, businessAccountID: String?
    ) -> [InboundItem] {
        guard let instance else { return [.malformed(reason: "metadata.phone_number_id is missing")] }
        var items: [InboundItem] = []
        for preference in list(value, "user_preferences", &items) {
            items.append(
                CloudAPIPreference.item(preference, instance: instance, businessAccountID: businessAccountID))
        }
        return items.map { $0.named(instance) }
    }

    /// An absent list is empty; what is there and no list is told.
    private static func list(_ value: JSONValue, _ key: String, _ items: inout [InboundItem]) -> [JSONValue] {
        guard let member = value[key], !member.isNull else { return [] }
        if let list = member.array { return list }
        items.append(.malformed(reason: "\(key) is no list"))
        return []
    }
}
