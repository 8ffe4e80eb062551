import Domain

/// WAHA's address of a chat (WAHA, "Chats"): `5511987654321@c.us`, `123456@lid`, `1203…@g.us`.
struct WAHAChatID: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case person, hidden, group, newsletter, broadcast, unknown
    }

    let kind: Kind
    /// Before the `@`, without a device number.
    let user: String

    init(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        // `5511…:12@s.whatsapp.net` names one device of a person.
        user = String(parts.first?.prefix { $0 != ":" } ?? "")
        switch parts.count > 1 ? parts[1] : "" {
        // The second form is the one inside `_data`.
        case "c.us", "s.whatsapp.net": kind = .person
        case "lid": kind = .hidden
        case "g.us": kind = .group
        case "newsletter": kind = .newsletter
        case "broadcast": kind = .broadcast
        default: kind = .unknown
        }
    }

    /// The chat that a send goes to; nil for a kind that WAHA does not know.
    static func text(for recipient: Recipient) -> String? {
        switch recipient.kind {
        case .phone: "\(digits(recipient.value))@c.us"
        case .waID: "\(recipient.value)@c.us"
        case .lid: recipient.value.hasSuffix("@lid") ? recipient.value : "\(recipient.value)@lid"
        case .bsuid: nil
        }
    }

    static func digits(_ phone: String) -> String { phone.filter { $0.isASCII && $0.isNumber } }

    var isDigits: Bool { !user.isEmpty && user.allSatisfy { $0.isASCII && $0.isNumber } }

    /// Nil for what is no single person.
    var recipient: Recipient? {
        guard isDigits else { return nil }
        return switch kind {
        case .person: Recipient(kind: .waID, value: user)
        case .hidden: Recipient(kind: .lid, value: "\(user)@lid")
        default: nil
        }
    }
}
