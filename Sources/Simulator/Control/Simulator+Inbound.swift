import Crypto
import HTTP
import JSON

/// What contacts do: they write, and their phones tell that they received and read.
extension Simulator {
    /// `instance_phone, from, text`; also `timestamp` (RFC 3339 or seconds), `name`, `id` (a second time makes a
    /// duplicate), `content` (the members of a Cloud API message of another type; at WAHA, members that replace the
    /// payload's), `media` (`mime_type`, `data` in base64, `filename`), `signature`.
    func inbound(_ body: JSONObject) async throws(ControlError) -> Answer {
        let known: Set<String> = [
            "instance_phone", "from", "text", "timestamp", "name", "id", "content", "media", "signature",
        ]
        if let stranger = body.keys.first(where: { !known.contains($0) }) {
            throw ControlError("\"\(stranger)\" is not known; there are \(known.sorted().joined(separator: ", "))")
        }
        let phone = try phone(named: body["instance_phone"]?.string)
        guard let contact = body["from"]?.string.flatMap(ContactAddress.init) else {
            throw ControlError("\"from\" must be a phone number or a user id")
        }
        var content = body["content"]?.object
        if let media = body["media"] { content = try self.media(media, caption: body["text"]?.string, to: phone) }
        guard body["text"]?.string != nil || content != nil else { throw ControlError("\"text\" is missing") }
        let written = try Self.time(body["timestamp"])
        let time = written ?? now
        let form = try Self.form(body["signature"])
        let text = body["text"]?.string ?? ""
        let name = body["name"]?.string ?? "Simulated Contact"
        windows.open(contact, at: phone.key, written: time)
        let url = hookURLs[phone.key]
        switch phone {
        case .cloudAPI(let number):
            let id = body["id"]?.string ?? ProviderIdentifiers.wamid()
            let json = CloudWebhooks.inbound(
                content ?? JSONObject([("type", "text"), ("text", ["body": .string(text)])]), from: contact,
                name: name, id: id, seconds: time / 1_000_000, to: number)
            let webhook = url.map { WebhookSigning.cloudAPI(json, secret: number.appSecret, to: $0, form: form) }
            return await told(webhook, id: id)
        case .waha(let session):
            guard let number = contact.number, let me = phone.number else {
                throw ControlError("a WAHA contact is a phone number")
            }
            let chat = number.whatsAppID + "@c.us"
            let id = body["id"]?.string ?? "false_\(chat)_\(ProviderIdentifiers.wahaHash())"
            let payload = WAHAMessage.inbound(
                id: id, text: text, from: chat, to: me, name: name, seconds: time / 1_000_000, replacing: content)
            var answer: Answer?
            for event in ["message", "message.any"] where session.events.contains(event) {
                let json = WAHAWebhooks.envelope(event, payload, of: session, at: now)
                let webhook = url.map {
                    WebhookSigning.waha(json, key: session.hmacKey, to: $0, at: now, form: form)
                }
                answer = await told(webhook, id: id)
            }
            return answer ?? .reply(.ok, ["id": .string(id), "hook": .null])
        }
    }

    /// Puts the file where the provider keeps what contacts send; what its webhook says of it.
    private func media(
        _ json: JSONValue, caption: String?, to phone: SimulatedPhone
    ) throws(ControlError) -> JSONObject {
        guard let type = json["mime_type"]?.string, let bytes = json["data"]?.string.flatMap({ Base64.decode($0) })
        else { throw ControlError("\"media\" needs \"mime_type\" and \"data\" in base64") }
        let file = MediaShelf.File(
            id: ProviderIdentifiers.media(), instance: phone.key, mimeType: type, filename: json["filename"]?.string,
            bytes: bytes)
        shelf.put(file)
        switch phone {
        case .cloudAPI:
            // Webhooks have been seen with the hash in base64, where the page shows hexadecimal.
            var object = JSONObject([
                ("id", .string(file.id)), ("mime_type", .string(type)),
                ("sha256", .string(Base64.encode(SHA256.digest(bytes)))),
            ])
            if let caption { object["caption"] = .string(caption) }
            if let name = file.filename { object["filename"] = .string(name) }
            return JSONObject([("type", .string(file.kind)), (file.kind, .object(object))])
        case .waha(let session):
            // WAHA names itself as it knows itself, which others may not reach.
            let url = "http://localhost:3000/api/files/\(session.name)/\(file.id)"
            return JSONObject([
                ("hasMedia", true),
                (
                    "media",
                    [
                        "url": .string(url), "mimetype": .string(type),
                        "filename": file.filename.map(JSONValue.string) ?? .null, "error": .null,
                    ]
                ),
            ])
        }
    }

    /// `id, status`; also `timestamp`, `code` and `title` for `failed`, and `to`, `instance_phone`, `callback_data`
    /// for a message that the simulator does not know.
    func status(_ body: JSONObject) async throws(ControlError) -> Answer {
        guard let id = body["id"]?.string, let status = body["status"]?.string else {
            throw ControlError("\"id\" and \"status\" are needed")
        }
        guard WAHAWebhooks.ack(of: status) != nil else {
            throw ControlError("\"status\" is one of sent, delivered, read, played, failed")
        }
        let message: SimulatedMessage
        if let known = mailbox.message(id) { message = known } else { message = try made(id, body) }
        let code = body["code"]?.int64 ?? 131_049
        let failure = (code: code, title: body["title"]?.string ?? "Message failed")
        let time = try Self.time(body["timestamp"])
        return await told(self.status(status, of: message, at: time, failure: failure), id: id)
    }

    private func made(_ id: String, _ body: JSONObject) throws(ControlError) -> SimulatedMessage {
        guard body["instance_phone"] != nil, let contact = body["to"]?.string.flatMap(ContactAddress.init) else {
            throw ControlError(
                .notFound, "no message has this id; give \"instance_phone\" and \"to\" to make up a status for one")
        }
        let phone = try phone(named: body["instance_phone"]?.string)
        guard let number = phone.number else { throw ControlError("the phone has no number") }
        return SimulatedMessage(
            provider: phone.provider, instance: phone.key, from: number, to: contact, id: id, type: "text", text: "",
            content: .null, rendered: nil, callbackData: body["callback_data"]?.string, at: now, arrival: .arrives)
    }

    /// Points a phone's webhooks at `url`, after Meta's handshake for a Cloud API number unless `verify` is false.
    func webhook(_ body: JSONObject) async throws(ControlError) -> Answer {
        let phone = try phone(named: body["instance_phone"]?.string)
        guard let url = body["url"]?.string else {
            hookURLs[phone.key] = nil
            return .reply(.ok, ["url": .null])
        }
        if case .cloudAPI(let number) = phone, body["verify"]?.bool != false {
            let challenge = String(UInt32.random(in: 100_000_000...999_999_999))
            let separator = url.contains("?") ? "&" : "?"
            let answer = await hooks.get(
                "\(url)\(separator)hub.mode=subscribe&hub.challenge=\(challenge)&hub.verify_token=\(number.verifyToken)"
            )
            guard case .answered(200, challenge) = answer else {
                throw ControlError(.badGateway, "the hook did not echo the challenge: \(Self.words(answer))")
            }
        }
        hookURLs[phone.key] = url
        return .reply(.ok, ["url": .string(url)])
    }

    // MARK: Parts

    private func told(_ webhook: Webhook?, id: String) async -> Answer {
        guard let webhook else { return .reply(.ok, ["id": .string(id), "hook": .null]) }
        switch await courier.deliver(webhook) {
        case .answered(let status, let body):
            let hook: JSONValue = ["status": .number(JSONNumber(Int64(status))), "body": .string(body)]
            return .reply(.ok, ["id": .string(id), "hook": hook])
        case .failed(let words): return ControlError(.badGateway, "the hook could not be reached: \(words)").answer
        }
    }

    private static func words(_ answer: HookAnswer) -> String {
        switch answer {
        case .answered(let status, _): "it answered \(status)"
        case .failed(let words): words
        }
    }

    private static func time(_ json: JSONValue?) throws(ControlError) -> Int64? {
        guard let json else { return nil }
        if let text = json.string, let time = InternetTime.microseconds(text) { return time }
        if let seconds = json.int64 ?? json.string.flatMap({ Int64($0) }), abs(seconds) < 1 << 40 {
            return seconds * 1_000_000
        }
        throw ControlError("\"timestamp\" must be RFC 3339 or whole seconds since 1970")
    }

    private static func form(_ json: JSONValue?) throws(ControlError) -> WebhookSigning.Form {
        guard let json else { return .raw }
        guard let form = json.string.flatMap(WebhookSigning.Form.init) else {
            let forms = WebhookSigning.Form.allCases.map(\.rawValue).joined(separator: ", ")
            throw ControlError("\"signature\" is one of \(forms)")
        }
        return form
    }
}
