import Domain
import JSON

/// The payload of `message` and `message.any` (WAHA, "Events").
enum WAHAInboundMessage {
    static func item(_ payload: JSONValue, instance: InstanceKey) -> InboundItem {
        guard let from = payload["from"]?.string else { return .malformed(reason: "message.from is missing") }
        let chat = WAHAChatID(from)
        // Of our own messages the chat is the other side.
        if let kind = ignoredKind(chat) ?? payload["to"]?.string.flatMap({ ignoredKind(WAHAChatID($0)) }) {
            return .ignored(kind: kind)
        }
        if payload["fromMe"]?.bool == true {
            return .other(
                InboundEvent(instance: instance, businessAccountID: nil, kind: "message.own", raw: payload))
        }
        guard let id = WAHAMessageID.bare(in: payload) else { return .malformed(reason: "message.id is missing") }
        guard let timestamp = Timestamp(provider: payload["timestamp"]) else {
            return .malformed(reason: "message.timestamp is no time")
        }
        guard let sender = chat.recipient else { return .malformed(reason: "message.from is no chat of a person") }
        return .message(
            InboundMessage(
                instance: instance, providerMessageID: id,
                sender: SenderIdentifiers(
                    waID: sender.kind == .waID ? sender.value : nil, lid: sender.kind == .lid ? sender.value : nil),
                profileName: profileName(payload["_data"]), timestamp: timestamp, type: type(of: payload),
                text: payload["body"]?.string.flatMap { $0.isEmpty ? nil : $0 }, opensWindow: true,
                repliesTo: payload["replyTo"]?["id"]?.string.flatMap(WAHAMessageID.bare), referral: nil,
                media: media(payload), raw: payload))
    }

    /// `hasMedia` without `media` happens: WAHA could not fetch it.
    private static func media(_ payload: JSONValue) -> InboundMedia? {
        guard payload["hasMedia"]?.bool == true, let file = payload["media"],
            let url = file["url"]?.string, !url.isEmpty
        else { return nil }
        let kind = MediaKind(rawValue: type(of: payload)) ?? .document
        return InboundMedia(
            kind: kind, mimeType: file["mimetype"]?.string ?? "application/octet-stream",
            filename: file["filename"]?.string, place: url, sha256: nil)
    }

    static func ignoredKind(_ chat: WAHAChatID) -> String? {
        switch chat.kind {
        case .group: "group"
        case .newsletter: "newsletter"
        case .broadcast: "broadcast"
        case .person, .hidden, .unknown: nil
        }
    }

    /// WAHA has no field for it: media tells by its MIME type, which may come later than the message.
    private static func type(of payload: JSONValue) -> String {
        if payload["hasMedia"]?.bool == true {
            let mime = payload["media"]?["mimetype"]?.string ?? ""
            for kind in ["image", "video", "audio"] where mime.hasPrefix("\(kind)/") { return kind }
            return mime.isEmpty ? "media" : "document"
        }
        if payload["location"]?.object != nil { return "location" }
        if payload["vCards"]?.array?.isEmpty == false { return "contacts" }
        return "text"
    }

    /// Each engine keeps it elsewhere: WEBJS, NOWEB, GOWS.
    private static func profileName(_ data: JSONValue?) -> String? {
        let name = data?["notifyName"]?.string ?? data?["pushName"]?.string ?? data?["Info"]?["PushName"]?.string
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// The payload of `message.ack`.
enum WAHAAck {
    static func item(_ payload: JSONValue, instance: InstanceKey, envelope: JSONValue) -> InboundItem {
        // The id names the chat; whether that is `from` or `to` differs by engine.
        let chat = payload["id"]?.string.flatMap(WAHAMessageID.chat)
        let chats = [chat].compactMap(\.self) + ["from", "to"].compactMap { payload[$0]?.string }.map(WAHAChatID.init)
        if let kind = chats.lazy.compactMap(WAHAInboundMessage.ignoredKind).first { return .ignored(kind: kind) }
        guard let id = WAHAMessageID.bare(in: payload) else { return .malformed(reason: "ack.id is missing") }
        guard let level = payload["ack"]?.int64 else { return .malformed(reason: "ack.ack is no number") }
        // The payload has no time of its own.
        guard let timestamp = Timestamp(provider: envelope["timestamp"]) else {
            return .malformed(reason: "timestamp is no time")
        }
        guard payload["fromMe"]?.bool != false, let status = status(level) else {
            return .other(
                InboundEvent(instance: instance, businessAccountID: nil, kind: "message.ack", raw: payload))
        }
        let recipient = (chat ?? payload["to"]?.string.map(WAHAChatID.init))?.recipient
        return .status(
            StatusUpdate(
                instance: instance, providerMessageID: id, status: status, timestamp: timestamp, callbackData: nil,
                errors: status == .failed ? [failure] : [],
                recipient: SenderIdentifiers(
                    waID: recipient?.kind == .waID ? recipient?.value : nil,
                    lid: recipient?.kind == .lid ? recipient?.value : nil),
                raw: payload))
    }

    private static func status(_ level: Int64) -> MessageStatus? {
        switch level {
        case -1: .failed
        case 0: .accepted
        case 1: .sent
        case 2: .delivered
        case 3: .read
        case 4: .played
        default: nil
        }
    }

    private static var failure: ProviderFault {
        ProviderFault(
            provider: .waha, code: "ack_error", title: "WhatsApp could not take the message", details: nil,
            retryable: false)
    }
}
