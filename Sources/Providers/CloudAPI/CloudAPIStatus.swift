import Domain
import JSON

/// One entry of `statuses[]` (Meta, "status messages webhook reference").
enum CloudAPIStatus {
    static func item(_ status: JSONValue, instance: InstanceKey, businessAccountID: String?) -> InboundItem {
        if status["recipient_type"]?.string == "group" { return .ignored(kind: "group") }
        guard let id = status["id"]?.string, !id.isEmpty else { return .malformed(reason: "status.id is missing") }
        guard let word = status["status"]?.string else { return .malformed(reason: "status.status is missing") }
        guard let timestamp = Timestamp(provider: status["timestamp"]) else {
            return .malformed(reason: "status.timestamp is no time")
        }
        guard let rung = rung(word) else {
            return .other(
                InboundEvent(
                    instance: instance, businessAccountID: businessAccountID, kind: "status.\(word)", raw: status))
        }
        let recipient = SenderIdentifiers(
            waID: CloudAPIInboundMessage.digits(status["recipient_id"]), bsuid: status["recipient_user_id"]?.string,
            parentBSUID: status["parent_recipient_user_id"]?.string)
        return .status(
            StatusUpdate(
                instance: instance, providerMessageID: id, status: rung, timestamp: timestamp,
                callbackData: status["biz_opaque_callback_data"]?.string,
                errors: (status["errors"]?.array ?? []).compactMap { CloudAPIError($0)?.fault() },
                recipient: recipient, raw: status))
    }

    /// Old pages also name `deleted` and `warning`, which are no rungs.
    private static func rung(_ word: String) -> MessageStatus? {
        switch word {
        case "sent": .sent
        case "delivered": .delivered
        case "read": .read
        case "played": .played
        case "failed": .failed
        default: nil
        }
    }
}
