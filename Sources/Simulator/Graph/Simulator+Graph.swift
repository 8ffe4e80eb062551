import HTTP
import JSON

/// Graph's paths: `/{version}/{object}` and `/{version}/{object}/{edge}`.
extension Simulator {
    func graph(_ request: HTTPRequest, _ target: RequestTarget) -> Answer {
        calls.note(request.method.rawValue, request.path)
        do throws(GraphError) {
            let object = target.segments.count > 1 ? target.segments[1] : ""
            let edge = target.segments.count > 2 ? target.segments[2] : ""
            guard (2...3).contains(target.segments.count) else { throw .unknownPath }
            let mine = try numbers(of: request)
            if let number = mine.first(where: { $0.phoneNumberID == object }) {
                return try graph(request, target, number, edge)
            }
            guard let number = mine.first(where: { $0.businessAccountID == object }) else {
                guard edge.isEmpty else { throw .noSuchObject(object) }
                return try media(request, object, mine)
            }
            return try graph(request, target, account: number.businessAccountID, mine, edge)
        } catch {
            return error.answer
        }
    }

    /// The numbers that the request's token opens.
    private func numbers(of request: HTTPRequest) throws(GraphError) -> [CloudAPINumber] {
        let words = (request.fields["Authorization"] ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .badToken }
        let numbers = configuration.phones.compactMap { phone in
            if case .cloudAPI(let number) = phone, number.token == words[1] { number } else { nil }
        }
        guard !numbers.isEmpty else { throw .badToken }
        return numbers
    }

    private func graph(
        _ request: HTTPRequest, _ target: RequestTarget, _ number: CloudAPINumber, _ edge: String
    ) throws(GraphError) -> Answer {
        switch (request.method, edge) {
        case (.post, "messages"): return try messages(request, number)
        case (.post, "media"): return try upload(request, number)
        case (.get, ""):
            let json = try GraphNodes.phone(number, fields: target["fields"])
            return answer(.phone, of: .cloudAPI) { .reply(.ok, json) }
        default: throw .unknownPath
        }
    }

    private func graph(
        _ request: HTTPRequest, _ target: RequestTarget, account: String, _ numbers: [CloudAPINumber], _ edge: String
    ) throws(GraphError) -> Answer {
        switch (request.method, edge) {
        case (.get, "message_templates"):
            let page = TemplatePage(target, path: request.path, host: request.fields["Host"] ?? "localhost")
            let json = try page.json(of: configuration.templates.filter { $0.businessAccountID == account })
            return answer(.templates, of: .cloudAPI) { .reply(.ok, json) }
        case (.get, "phone_numbers"):
            var data: [JSONValue] = []
            for number in numbers where number.businessAccountID == account {
                data.append(try GraphNodes.phone(number, fields: target["fields"]))
            }
            return answer(.phone, of: .cloudAPI) { .reply(.ok, ["data": .array(data)]) }
        case (.get, ""):
            return answer(.phone, of: .cloudAPI) {
                .reply(.ok, ["id": .string(account), "name": "Leadwire Demo", "timezone_id": "25"])
            }
        case (.post, "subscribed_apps"): return .reply(.ok, ["success": true])
        default: throw .unknownPath
        }
    }

    private func messages(_ request: HTTPRequest, _ number: CloudAPINumber) throws(GraphError) -> Answer {
        guard let business = DialledNumber(international: number.displayPhoneNumber) else {
            throw .noSuchObject(number.phoneNumberID)
        }
        guard let body = (try? JSONParser.parse(request.body))?.object else {
            throw .invalid("The request body is not a JSON object")
        }
        if body["status"] != nil { return try read(body) }
        let message = try CloudMessage(body, from: business)
        calls.note(sendTo: message.recipient)
        var rendered: RenderedTemplate?
        if case .template(let send, _) = message.content {
            let templates = configuration.templates.filter { $0.businessAccountID == number.businessAccountID }
            rendered = try TemplateRendering.render(send, among: templates)
        }
        try judgeMedia(in: .object(JSONObject([(message.type, message.content.sent)])), of: number)
        guard message.recipient != .phone(business) else { throw .senderIsRecipient }
        var scripted: MagicNumber?
        switch faults.take(for: .send, of: .cloudAPI) {
        case nil, .none?: break
        case .behaviour(let behaviour)?: scripted = behaviour
        case .refusal(let refusal)?: return Self.answer(refusal, of: .cloudAPI)
        }
        switch course(of: message.recipient, at: number.phoneNumberID, scripted, .cloudAPI) {
        case .refused(let behaviour): throw GraphError(behaviour)
        case .resetUnseen: return .reset
        case .unreadableError: return .reply(.unreadableError)
        case .taken(let arrival, let manner):
            guard rendered != nil || mayWriteFreely(to: message.recipient, from: number) else { throw .windowClosed }
            return accept(message, rendered, from: (number, business), arrival, manner)
        }
    }

    private func mayWriteFreely(to contact: ContactAddress, from number: CloudAPINumber) -> Bool {
        !configuration.enforcesServiceWindow || windows.isOpen(contact, at: number.phoneNumberID, now: now)
    }

    private func accept(
        _ message: CloudMessage, _ rendered: RenderedTemplate?, from: (number: CloudAPINumber, business: DialledNumber),
        _ arrival: Course.Arrival, _ manner: Course.Manner
    ) -> Answer {
        let (text, content): (String, JSONValue) =
            switch message.content {
            case .plain(let text, let content): (text, content)
            case .template(_, let content): (rendered?.body ?? "", content)
            }
        let accepted = SimulatedMessage(
            provider: .cloudAPI, instance: from.number.phoneNumberID, from: from.business, to: message.recipient,
            id: ProviderIdentifiers.wamid(), type: message.type, text: text, content: content, rendered: rendered,
            callbackData: message.callbackData, at: now, arrival: arrival)
        mailbox.append(accepted)
        followUp(accepted)
        var contact = JSONObject([("input", .string(message.input))])
        switch message.recipient {
        case .phone(let phone): contact["wa_id"] = .string(phone.whatsAppID)
        case .user(let user): contact["user_id"] = .string(user)
        }
        var entry = JSONObject([("id", .string(accepted.id))])
        if rendered != nil { entry["message_status"] = "accepted" }
        func reply(_ entries: [JSONValue]) -> Reply {
            Reply(
                .ok,
                [
                    "messaging_product": "whatsapp", "contacts": [.object(contact)], "messages": .array(entries),
                ])
        }
        return manner.answer(reply([.object(entry)]), withoutID: reply([]), pace: pace)
    }

    /// Read receipts, with or without a typing indicator (Cloud API › Mark messages as read).
    private func read(_ body: JSONObject) throws(GraphError) -> Answer {
        let parameters = GraphParameters(body)
        try parameters.allow(["messaging_product", "status", "message_id", "typing_indicator"])
        guard try parameters.string("messaging_product") == "whatsapp" else {
            throw .parameter("messaging_product", "must be one of {WHATSAPP}")
        }
        guard try parameters.string("status") == "read" else { throw .parameter("status", "must be one of {READ}") }
        _ = try parameters.string("message_id")
        if let typing = try parameters.optionalNested("typing_indicator") { _ = try typing.string("type") }
        return answer(.seen, of: .cloudAPI) { .reply(.ok, ["success": true]) }
    }
}
