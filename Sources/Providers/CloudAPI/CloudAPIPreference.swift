import Domain
import JSON

/// One entry of `user_preferences[]`: what a user chose to be sent (Meta, "user_preferences webhook reference").
enum CloudAPIPreference {
    static func item(_ preference: JSONValue, instance: InstanceKey, businessAccountID: String?) -> InboundItem {
        guard let category = preference["category"]?.string, let word = preference["value"]?.string else {
            return .malformed(reason: "preference without category or value")
        }
        // `signup` agrees anew, as `resume` does.
        let choices = ["stop": true, "resume": false, "signup": false]
        guard category == "marketing_messages", let isStopped = choices[word] else {
            return .other(
                InboundEvent(
                    instance: instance, businessAccountID: businessAccountID, kind: "user_preferences",
                    raw: preference))
        }
        guard let timestamp = Timestamp(provider: preference["timestamp"]) else {
            return .malformed(reason: "preference.timestamp is no time")
        }
        let user = SenderIdentifiers(
            waID: CloudAPIInboundMessage.digits(preference["wa_id"]), bsuid: preference["user_id"]?.string)
        guard !user.isEmpty else { return .malformed(reason: "the preference names no user") }
        return .preference(
            MarketingPreference(instance: instance, user: user, isStopped: isStopped, timestamp: timestamp))
    }
}
