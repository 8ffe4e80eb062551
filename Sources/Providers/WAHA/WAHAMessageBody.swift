import Domain
import HTTP
import JSON

/// One of WAHA's `POST /api/send…` (WAHA, "Send messages").
struct WAHAMessageBody {
    let verb: String
    /// Empty where the body is an upload.
    let bytes: [UInt8]
    let upload: HTTPClientUpload?

    /// Nil for what WAHA has no call for: templates, and buttons and lists, which its engines do not send.
    init?(_ send: OutboundSend, session: String, chatID: String) {
        var json = JSONWriter()
        json.beginObject()
        json.member("session", session)
        json.member("chatId", chatID)
        let replyTo = send.replyToProviderMessageID.map { WAHAMessageID.serialized($0, chatID: chatID) }
        switch send.content {
        case .text(let text):
            verb = "sendText"
            json.member("text", text)
        case .location(let location):
            verb = "sendLocation"
            json.member("latitude", location.latitude)
            json.member("longitude", location.longitude)
            // WAHA's pins have one line.
            json.member("title", location.title)
        case .media(let media):
            guard let file = send.file, let verb = Self.verb(media.kind) else { return nil }
            self.verb = verb
            if let caption = media.caption { json.member("caption", caption) }
            if let replyTo { json.member("reply_to", replyTo) }
            // What WhatsApp plays as it is need not be made anew.
            if media.kind == .audio { json.member("convert", file.mimeType != "audio/ogg") }
            if media.kind == .video { json.member("convert", file.mimeType != "video/mp4") }
            (bytes, upload) = ([], Self.upload(of: file, after: json))
            return
        case .buttons, .list, .template: return nil
        }
        if let replyTo { json.member("reply_to", replyTo) }
        if let id = send.presetMessageID { json.member("id", id) }
        json.endObject()
        (bytes, upload) = (json.finish(), nil)
    }

    private static func verb(_ kind: MediaKind) -> String? {
        switch kind {
        case .image: "sendImage"
        case .video: "sendVideo"
        case .audio: "sendVoice"
        case .document: "sendFile"
        case .sticker: nil
        }
    }

    /// The file in the body, and not by a link: WAHA would fetch that from where it stands, beside what nobody but its
    /// operator is to reach.
    private static func upload(of file: OutboundFile, after members: JSONWriter) -> HTTPClientUpload {
        var json = members
        json.key("file")
        json.beginObject()
        json.member("mimetype", file.mimeType)
        json.member("filename", file.filename)
        json.key("data")
        return file.base64Upload(after: json.bytes + [UInt8(ascii: "\"")], before: Array("\"}}".utf8))
    }
}
