import Crypto
import HTTP
import JSON

/// WAHA's paths: `/api/{verb}`, `/api/sessions/…`, `/api/contacts/…`, `/api/{session}/…`.
extension Simulator {
    func waha(_ request: HTTPRequest, _ target: RequestTarget) -> Answer {
        if target.segments == ["ping"] { return .reply(.ok, ["message": "pong"]) }
        calls.note(request.method.rawValue, Self.route(target))
        do throws(WAHAError) {
            return try waha(request, target, Array(target.segments.dropFirst()))
        } catch {
            return error.answer
        }
    }

    /// Paths with message ids in them are counted as one.
    private static func route(_ target: RequestTarget) -> String {
        var segments = target.segments
        if segments.count == 6, segments[2] == "chats" { (segments[3], segments[5]) = ("{chatId}", "{id}") }
        return "/" + segments.joined(separator: "/")
    }

    private func waha(
        _ request: HTTPRequest, _ target: RequestTarget, _ path: [String]
    ) throws(WAHAError) -> Answer {
        let key = request.fields["X-Api-Key"] ?? target["x-api-key"] ?? ""
        let mine = configuration.phones.compactMap { phone in
            if case .waha(let session) = phone, session.apiKey == key { session } else { nil }
        }
        guard !mine.isEmpty else { throw .unauthorized }
        func session(_ name: String?) throws(WAHAError) -> WAHASession {
            let name = name ?? "default"
            guard let session = mine.first(where: { $0.name == name }) else {
                throw .notFound("Session \"\(name)\" does not exist")
            }
            return session
        }
        switch (request.method, path.count, path.first) {
        case (.post, 1, let verb?) where WAHASend.kind(verb) != nil:
            let send = try WAHASend(request.body, path: verb)
            return try self.send(send, from: try session(send.session))
        case (.post, 1, "sendSeen"), (.post, 1, "startTyping"), (.post, 1, "stopTyping"):
            let body = try? JSONParser.parse(request.body)
            guard let chat = body?["chatId"]?.string, !chat.isEmpty else { throw .invalid(["chatId must be a string"]) }
            _ = try working(try session(body?["session"]?.string))
            return answer(.seen, of: .waha) { .reply(.created, [:]) }
        case (.post, 1, "sendButtons"): throw .notImplemented
        case (.get, 2, "contacts") where path[1] == "check-exists":
            return try checkExists(try working(try session(target["session"])), target["phone"])
        case (.get, 3, "files"):
            let session = try session(path[1])
            guard let file = shelf[path[2]], file.instance == session.name else { throw .notFound("File not found") }
            return answer(.download, of: .waha) {
                .reply(Reply(.ok, contentType: file.mimeType, body: file.bytes))
            }
        case (.get, 2, "server") where path[1] == "version": return .reply(.ok, WAHASession.version)
        case (.get, 1, "sessions"):
            return answer(.session, of: .waha) { .reply(.ok, .array(mine.map(Self.json))) }
        case (.get, 2, "sessions"):
            let session = try session(path[1])
            return answer(.session, of: .waha) { .reply(.ok, Self.json(session)) }
        case (.get, 3, "sessions") where path[2] == "me":
            return .reply(.ok, WAHAWebhooks.me(try working(try session(path[1]))))
        case (.post, 3, "sessions"): return try move(try session(path[1]), by: path[2])
        case (.get, 2, let name?) where path[1] == "new-message-id":
            _ = try working(try session(name))
            return answer(.newMessageID, of: .waha) {
                .reply(.ok, ["id": .string(ProviderIdentifiers.wahaHash())])
            }
        case (.get, 5, let name?) where path[1] == "chats" && path[3] == "messages":
            return try lookUp(path[4], in: path[2], of: try session(name))
        case (.get, 3, let name?) where path[1] == "auth" && path[2] == "qr":
            return try qr(try session(name), request, target)
        case (.post, 3, let name?) where path[1] == "auth" && path[2] == "request-code":
            _ = try session(name)
            return .reply(.created, ["code": "ABCD-ABCD"])
        default: throw .notFound("Cannot \(request.method) \(request.path)")
        }
    }

    private func working(_ session: WAHASession) throws(WAHAError) -> WAHASession {
        guard session.status == "WORKING" else { throw .notWorking(session.name, status: session.status) }
        return session
    }

    static func json(_ session: WAHASession) -> JSONValue {
        [
            "name": .string(session.name), "status": .string(session.status), "config": [:],
            "me": session.status == "WORKING" ? WAHAWebhooks.me(session) : .null, "engine": ["engine": "GOWS"],
            "assignedWorker": "", "presence": .null, "timestamps": ["activity": .null],
        ]
    }

    // MARK: Sending

    private func send(_ send: WAHASend, from session: WAHASession) throws(WAHAError) -> Answer {
        guard let me = DialledNumber(international: session.phone) else {
            throw .exception("the session has no phone")
        }
        guard let chat = DialledNumber(international: send.chatID.split(separator: "@").first.map(String.init) ?? "")
        else { throw .exception("invalid chatId") }
        _ = try working(session)
        let contact = ContactAddress.phone(chat)
        calls.note(sendTo: contact)
        var scripted: MagicNumber?
        switch faults.take(for: .send, of: .waha) {
        case nil, .none?: break
        case .behaviour(let behaviour)?: scripted = behaviour
        case .refusal(let refusal)?: return Self.answer(refusal, of: .waha)
        }
        switch course(of: contact, at: session.name, scripted, .waha) {
        case .refused(.throughput), .refused(.unavailableOnce):
            throw .notWorking(session.name, status: "STARTING")
        case .refused(let behaviour): throw WAHAError(behaviour)
        case .resetUnseen: return .reset
        case .unreadableError: return .reply(.unreadableError)
        case .taken(let arrival, let manner):
            // A chat id other than the account's own is accepted and goes nowhere.
            let isAccount = chat.digits == chat.whatsAppID
            return accept(send, to: contact, from: me, session, isAccount ? arrival : .lost, manner)
        }
    }

    private func accept(
        _ send: WAHASend, to contact: ContactAddress, from me: DialledNumber, _ session: WAHASession,
        _ arrival: Course.Arrival, _ manner: Course.Manner
    ) -> Answer {
        let chat = send.chatID.contains("@") ? send.chatID : send.chatID.filter(\.isNumber) + "@c.us"
        let message = SimulatedMessage(
            provider: .waha, instance: session.name, from: me, to: contact,
            id: "true_\(chat)_\(send.id ?? ProviderIdentifiers.wahaHash())", type: send.type, text: send.text,
            content: send.content, rendered: nil, callbackData: nil, at: now, arrival: arrival)
        mailbox.append(message)
        if let url = hookURLs[session.name], session.events.contains("message.any") {
            let json = WAHAWebhooks.envelope("message.any", WAHAMessage.json(message), of: session, at: now)
            courier.post(WebhookSigning.waha(json, key: session.hmacKey, to: url, at: now, form: .raw))
        }
        followUp(message)
        let json = manner == .inRawShape ? WAHAMessage.raw(message) : WAHAMessage.json(message)
        let empty = Reply(.created, contentType: "application/json", body: [])
        return manner.answer(Reply(.created, json), withoutID: empty, pace: pace)
    }

    // MARK: Reading

    private func lookUp(_ id: String, in chat: String, of session: WAHASession) throws(WAHAError) -> Answer {
        let chat = chat.contains("@") ? chat : chat + "@c.us"
        let message = mailbox.message("true_\(chat)_\(WAHAMessage.hash(id))")
        return answer(.lookUp, of: .waha) {
            guard let message, message.instance == session.name else {
                return WAHAError.notFound("Message not found").answer
            }
            return .reply(.ok, WAHAMessage.json(message))
        }
    }

    private func checkExists(_ session: WAHASession, _ phone: String?) throws(WAHAError) -> Answer {
        guard let phone, let number = DialledNumber(international: phone) else {
            throw .invalid(["phone must be a string"])
        }
        return answer(.checkExists, of: .waha) {
            guard MagicNumber(number) != .notOnWhatsapp else { return .reply(.ok, ["numberExists": false]) }
            return .reply(.ok, ["numberExists": true, "chatId": .string(number.whatsAppID + "@c.us")])
        }
    }

    // MARK: The session's life

    private func move(_ session: WAHASession, by verb: String) throws(WAHAError) -> Answer {
        let status: String
        switch verb {
        case "start", "restart": status = session.status == "SCAN_QR_CODE" ? "SCAN_QR_CODE" : "WORKING"
        case "stop": status = "STOPPED"
        case "logout": status = "SCAN_QR_CODE"
        default: throw .notFound("Cannot POST /api/sessions/\(session.name)/\(verb)")
        }
        return .reply(.created, Self.json(setStatus(status, of: session)))
    }

    /// Tells the session's hook when the status is new.
    @discardableResult
    func setStatus(_ status: String, of session: WAHASession) -> WAHASession {
        var session = session
        guard session.status != status else { return session }
        session.status = status
        for (index, phone) in configuration.phones.enumerated() {
            if case .waha(let other) = phone, other.name == session.name {
                configuration.phones[index] = .waha(session)
            }
        }
        if let url = hookURLs[session.name], session.events.contains("session.status") {
            let payload = WAHAWebhooks.sessionStatus(session, at: now)
            let json = WAHAWebhooks.envelope("session.status", payload, of: session, at: now)
            courier.post(WebhookSigning.waha(json, key: session.hmacKey, to: url, at: now, form: .raw))
        }
        return session
    }

    private func qr(_ session: WAHASession, _ request: HTTPRequest, _ target: RequestTarget) throws(WAHAError) -> Answer
    {
        guard session.status == "SCAN_QR_CODE" else {
            throw WAHAError(
                status: .unprocessableContent,
                body: [
                    "error": "Session status is not as expected. Try again later or restart the session",
                    "session": .string(session.name), "status": .string(session.status),
                    "expected": ["SCAN_QR_CODE"],
                ])
        }
        if target["format"] == "raw" { return .reply(.ok, ["value": .string("2@simulated,code,for,\(session.name)")]) }
        if request.fields["Accept"]?.contains("json") == true {
            return .reply(.ok, ["mimetype": "image/png", "data": .string(Base64.encode(Self.onePixel))])
        }
        return .reply(Reply(.ok, contentType: "image/png", body: Self.onePixel))
    }

    /// The smallest picture that is one.
    private static let onePixel: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0, 0, 1]
        + [8, 0, 0, 0, 0, 0x3A, 0x7E, 0x9B, 0x55, 0, 0, 0, 0x0A, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0x60, 0, 0]
        + [0, 2, 0, 1, 0x48, 0xAF, 0xA4, 0x71, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
}
