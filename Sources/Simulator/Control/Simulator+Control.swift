import HTTP
import JSON

/// `/_simulator/…`: what a test does to the world outside the providers, and what it sees of it.
extension Simulator {
    func control(_ request: HTTPRequest, _ target: RequestTarget) async -> Answer {
        do throws(ControlError) {
            let name = target.segments.dropFirst().joined(separator: "/")
            switch (request.method, name) {
            case (.get, "messages"): return try messages(target)
            case (.delete, "messages"): return forgetMessages()
            case (.get, "calls"): return try countCalls(target)
            case (.delete, "calls"):
                calls.clear()
                return .reply(.ok, ["cleared": true])
            case (.post, "inbound"): return try await inbound(try Self.body(request))
            case (.post, "status"): return try await status(try Self.body(request))
            case (.post, "session"): return try session(try Self.body(request))
            case (.post, "template"): return try template(try Self.body(request))
            case (.post, "faults"): return try faults(try Self.body(request))
            case (.delete, "faults"):
                faults.clear()
                return .reply(.ok, ["waiting": 0])
            case (.post, "webhook"): return try await webhook(try Self.body(request))
            case (.post, "settings"): return try settings(try Self.body(request))
            default:
                throw ControlError(
                    .notFound,
                    "\(request.method) /_simulator/\(name) is not known; there are GET and DELETE messages, calls;"
                        + " POST inbound, status, session, template, faults, webhook, settings; DELETE faults")
            }
        } catch {
            return error.answer
        }
    }

    private static func body(_ request: HTTPRequest) throws(ControlError) -> JSONObject {
        let json: JSONValue
        do {
            json = try JSONParser.parse(request.body)
        } catch {
            throw ControlError("the body is not JSON: \(error)")
        }
        guard let object = json.object else { throw ControlError("the body must be a JSON object") }
        return object
    }

    /// By its number in any form, its phone number id, or its session.
    func phone(named text: String?) throws(ControlError) -> SimulatedPhone {
        guard let text else {
            throw ControlError("\"instance_phone\" is missing: a number, phone number id or session")
        }
        let key = DialledNumber(international: text)?.matchKey
        guard
            let phone = phone(text)
                ?? configuration.phones.first(where: { key != nil && $0.number?.matchKey == key })
        else {
            let known = configuration.phones.compactMap(\.number?.e164).joined(separator: ", ")
            throw ControlError(.notFound, "no simulated phone is \"\(text)\"; there are \(known)")
        }
        return phone
    }

    // MARK: What the phones received

    private func messages(_ target: RequestTarget) throws(ControlError) -> Answer {
        var contact: ContactAddress?
        if let text = target["to"] {
            guard let address = ContactAddress(text) else { throw ControlError("\"to\" is not a phone number") }
            contact = address
        }
        return .reply(.ok, ["messages": .array(mailbox.received(at: contact).map(Self.json))])
    }

    private static func json(_ message: SimulatedMessage) -> JSONValue {
        var json = JSONObject([
            ("provider", .string(message.provider.rawValue)), ("instance", .string(message.instance)),
            ("from", .string(message.from.e164)), ("to", .string(message.to.text)), ("type", .string(message.type)),
            ("text", .string(message.text)), ("id", .string(message.id)),
            ("callback_data", message.callbackData.map(JSONValue.string) ?? .null),
            ("at", .string(InternetTime.text(message.at))), ("content", message.content),
        ])
        if let rendered = message.rendered { json["template"] = rendered.json }
        return .object(json)
    }

    private func forgetMessages() -> Answer {
        mailbox.clear()
        refusals = [:]
        return .reply(.ok, ["cleared": true])
    }

    private func countCalls(_ target: RequestTarget) throws(ControlError) -> Answer {
        if let text = target["to"] {
            guard let contact = ContactAddress(text) else { throw ControlError("\"to\" is not a phone number") }
            return .reply(.ok, ["sends": .number(JSONNumber(calls.sends(to: contact)))])
        }
        let paths = calls.paths.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.number(JSONNumber($0.value))) }
        return .reply(
            .ok,
            [
                "total": .number(JSONNumber(calls.total)), "calls": .object(JSONObject(paths)),
                "webhooks": [
                    "delivered": .number(JSONNumber(courier.delivered)),
                    "pending": .number(JSONNumber(courier.pending)),
                    "abandoned": .number(JSONNumber(courier.abandoned)),
                ],
            ])
    }

    // MARK: What the providers do

    private func session(_ body: JSONObject) throws(ControlError) -> Answer {
        guard let name = body["session"]?.string, let status = body["status"]?.string else {
            throw ControlError("\"session\" and \"status\" are needed")
        }
        let known = ["STOPPED", "STARTING", "SCAN_QR_CODE", "WORKING", "FAILED"]
        guard known.contains(status) else {
            throw ControlError("\"status\" is one of \(known.joined(separator: ", "))")
        }
        guard case .waha(let session) = try phone(named: name) else {
            throw ControlError("\"\(name)\" is not a WAHA session")
        }
        return .reply(.ok, Self.json(setStatus(status, of: session)))
    }

    private func faults(_ body: JSONObject) throws(ControlError) -> Answer {
        guard let next = body["next"]?.array else { throw ControlError("\"next\" must be a list of faults") }
        do throws(ScriptedFault.Unreadable) {
            var read: [ScriptedFault] = []
            for fault in next { read.append(try ScriptedFault(fault)) }
            faults.append(read)
        } catch {
            throw ControlError(error.reason)
        }
        return .reply(.ok, ["waiting": .number(JSONNumber(Int64(faults.waiting.count)))])
    }

    /// `statuses` (whether status webhooks follow by themselves) and `service_window` (whether it is enforced).
    private func settings(_ body: JSONObject) throws(ControlError) -> Answer {
        for (key, value) in body.members {
            guard let isOn = value.bool else { throw ControlError("\"\(key)\" must be true or false") }
            switch key {
            case "statuses": reportsStatuses = isOn
            case "service_window": configuration.enforcesServiceWindow = isOn
            default: throw ControlError("no setting is named \"\(key)\"; there are statuses and service_window")
            }
        }
        return .reply(
            .ok,
            [
                "statuses": .bool(reportsStatuses),
                "service_window": .bool(configuration.enforcesServiceWindow),
            ])
    }

    /// Changes a template's status or category and tells the account's hooks, as Meta does.
    private func template(_ body: JSONObject) throws(ControlError) -> Answer {
        guard let name = body["name"]?.string, let language = body["language"]?.string else {
            throw ControlError("\"name\" and \"language\" are needed")
        }
        let account = body["business_account_id"]?.string
        guard
            var template = configuration.templates.first(where: {
                $0.name == name && $0.language == language && (account ?? $0.businessAccountID) == $0.businessAccountID
            })
        else { throw ControlError(.notFound, "no template is named \"\(name)\" in \(language)") }
        template.status = body["status"]?.string ?? template.status
        template.category = body["category"]?.string ?? template.category
        template.components = body["components"] ?? template.components
        setTemplate(template)
        if body["silent"]?.bool != true { announce(template) }
        return .reply(.ok, ["id": .string(template.id), "status": .string(template.status)])
    }

    private func announce(_ template: SimulatedTemplate) {
        var told: Set<String> = []
        for case .cloudAPI(let number) in configuration.phones
        where number.businessAccountID == template.businessAccountID {
            guard let url = hookURLs[number.phoneNumberID], told.insert(url).inserted else { continue }
            let json = CloudWebhooks.envelope(
                CloudWebhooks.templateStatus(template), field: "message_template_status_update",
                account: template.businessAccountID)
            courier.post(WebhookSigning.cloudAPI(json, secret: number.appSecret, to: url, form: .raw))
        }
    }
}
