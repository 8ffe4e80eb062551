import Crypto
import Domain
import JSON

/// One entry of `messages[]` (Meta, "messages webhook reference").
enum CloudAPIInboundMessage {
    /// Meta names messages and calls; reactions, edits, revokes and system notes are not said to open the window, and
    /// a type that is not known here is not guessed at.
    private static let openingTypes: Set<String> = [
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "button", "interactive",
        "order", "unsupported", "request_welcome",
    ]

    static func item(_ message: JSONValue, instance: InstanceKey, contacts: [JSONValue]) -> InboundItem {
        if message["group_id"]?.string != nil { return .ignored(kind: "group") }
        guard let id = message["id"]?.string, !id.isEmpty else { return .malformed(reason: "message.id is missing") }
        guard let type = message["type"]?.string, !type.isEmpty else {
            return .malformed(reason: "message.type is missing")
        }
        guard let timestamp = Timestamp(provider: message["timestamp"]) else {
            return .malformed(reason: "message.timestamp is no time")
        }
        var sender = SenderIdentifiers(
            waID: digits(message["from"]), bsuid: text(message["from_user_id"]),
            parentBSUID: text(message["from_parent_user_id"]))
        let contact = contact(of: sender, among: contacts)
        sender.waID = sender.waID ?? digits(contact?["wa_id"])
        sender.bsuid = sender.bsuid ?? text(contact?["user_id"])
        sender.parentBSUID = sender.parentBSUID ?? text(contact?["parent_user_id"])
        guard !sender.isEmpty else { return .malformed(reason: "message.from is missing") }
        return .message(
            InboundMessage(
                instance: instance, providerMessageID: id, sender: sender,
                profileName: text(contact?["profile"]?["name"]), timestamp: timestamp, type: type,
                text: words(of: message, type: type), opensWindow: openingTypes.contains(type),
                repliesTo: text(message["context"]?["id"]), referral: message["referral"],
                media: media(message, type: type), raw: message))
    }

    /// `{id, mime_type, sha256, filename?}` under the type's name; hashes have been seen in base64 and in hexadecimal.
    private static func media(_ message: JSONValue, type: String) -> InboundMedia? {
        guard let kind = MediaKind(rawValue: type), let file = message[type], let id = text(file["id"]) else {
            return nil
        }
        let hash = text(file["sha256"]).flatMap { Hex.decode($0) ?? Base64.decode($0) }
        return InboundMedia(
            kind: kind, mimeType: text(file["mime_type"]) ?? "application/octet-stream",
            filename: text(file["filename"]), place: id, sha256: hash?.count == SHA256.byteCount ? hash : nil)
    }

    /// The one that shares an identifier; a contact alone is the sender's unless it says otherwise.
    private static func contact(of sender: SenderIdentifiers, among contacts: [JSONValue]) -> JSONValue? {
        let match = contacts.first { contact in
            (sender.waID != nil && digits(contact["wa_id"]) == sender.waID)
                || (sender.bsuid != nil && text(contact["user_id"]) == sender.bsuid)
        }
        if let match { return match }
        guard contacts.count == 1, sender.isEmpty else { return nil }
        return contacts[0]
    }

    private static func words(of message: JSONValue, type: String) -> String? {
        let body = message[type]
        return switch type {
        case "text": body?["body"]?.string
        case "image", "video", "document": body?["caption"]?.string
        case "button": body?["text"]?.string
        case "interactive": interactiveWords(body)
        case "reaction": body?["emoji"]?.string
        case "order": body?["text"]?.string
        case "location": body?["name"]?.string ?? body?["address"]?.string
        case "system": body?["body"]?.string
        case "edit": body?["message"]?["text"]?["body"]?.string
        default: nil
        }
    }

    private static func interactiveWords(_ body: JSONValue?) -> String? {
        body?["button_reply"]?["title"]?.string ?? body?["list_reply"]?["title"]?.string
            ?? body?["nfm_reply"]?["body"]?.string
    }

    private static func text(_ value: JSONValue?) -> String? { value?.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// A WhatsApp id is a number in digits; anything else in its place is no identifier.
    static func digits(_ value: JSONValue?) -> String? {
        text(value).flatMap { text in text.allSatisfy { $0.isASCII && $0.isNumber } ? text : nil }
    }
}
