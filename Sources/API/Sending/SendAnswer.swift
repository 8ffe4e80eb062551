import Domain
import HTTP
import JSON

/// What a send answers with.
enum SendAnswer {
    /// The message's verdict as it stands: 201, 202, or the provider's refusal.
    static func verdict(
        _ message: Message, lastInboundAt: Timestamp?, now: Timestamp, language: Language, warnings: [String],
        isReplay: Bool, templateIDs: [Template.ID] = []
    ) throws -> Reply {
        let window = ServiceWindow(instanceID: message.instanceID, lastInboundAt: lastInboundAt, now: now)
        if message.status == .failed {
            var problem = refusal(message, window, language, templateIDs)
            problem.isReplay = isReplay
            throw problem
        }
        var reply = Reply.data(message.status.isTaken ? .created : .accepted, warnings: warnings) { json in
            json.beginObject()
            json.key("message")
            json.message(message)
            json.key("window")
            json.window(window)
            json.member("used_fallback", message.usedFallback)
            json.endObject()
        }
        reply.fields["Location"] = "/api/v1/messages/\(message.id)"
        if isReplay { reply.fields["Idempotent-Replayed"] = "true" }
        return reply
    }

    /// 131047: Meta's count of the window, which is the one that counts.
    static func isWindowClosed(_ message: Message) -> Bool {
        message.status == .failed && message.error?.provider == .cloudAPI
            && message.error?.code == CloudAPIErrorCode.windowClosed.description
    }

    private static func refusal(
        _ message: Message, _ window: ServiceWindow, _ language: Language, _ templateIDs: [Template.ID]
    ) -> Problem {
        if isWindowClosed(message) {
            var problem = Problem(.windowClosed)
            problem.window = window
            problem.templateIDs = templateIDs
            problem.data = data(message)
            return problem
        }
        var problem = Problem(.providerRefused)
        problem.provider = message.error
        problem.values["reason"] = message.error?.words(in: language).sentence ?? ""
        problem.data = data(message)
        return problem
    }

    /// `{"message": …}`
    static func data(_ message: Message) -> JSONValue? {
        var json = JSONWriter()
        json.beginObject()
        json.key("message")
        json.message(message)
        json.endObject()
        return try? JSONParser.parse(json.finish())
    }

    /// A send's own answer without the send.
    static func dryRun(
        _ verdict: SendVerdict, _ request: SendRequest, lead: Lead.ID, now: Timestamp, warnings: [String]
    ) -> Reply {
        .data(warnings: warnings) { json in
            json.beginObject()
            json.key("message")
            json.beginObject()
            json.member("id", nil as Int64?)
            json.member("lead_id", lead.rawValue)
            json.member("conversation_id", verdict.conversation?.id.rawValue)
            json.member("instance_id", verdict.instance?.id.rawValue)
            json.member("direction", Message.Direction.outbound.rawValue)
            json.member("type", verdict.type)
            json.member("status", MessageStatus.queued.rawValue)
            json.member("text", verdict.text)
            json.template(verdict.template.map(Message.TemplateReference.init))
            json.member("client_reference", request.clientReference)
            json.member("provider_message_id", nil as String?)
            json.member("attempts", 0)
            json.member("error", nil as String?)
            json.member("queued_at", now.text)
            for key in ["accepted_at", "sent_at", "delivered_at", "read_at", "failed_at"] {
                json.key(key)
                json.null()
            }
            for (key, value) in verdict.details.members {
                json.key(key)
                json.value(value)
            }
            json.endObject()
            json.key("window")
            if let window = verdict.window { json.window(window) } else { json.null() }
            json.member("used_fallback", verdict.usedFallback)
            json.member("dry_run", true)
            json.endObject()
        }
    }

    static func preflight(
        _ verdict: SendVerdict, of request: SendRequest, language: Language, warnings: [String]
    ) -> Reply {
        .data { json in
            json.beginObject()
            json.member("allowed", verdict.isAllowed)
            json.member("instance_id", verdict.instance?.id.rawValue)
            json.member("recipient", verdict.recipient?.display)
            json.key("rendered")
            json.rendered(verdict, of: request)
            json.key("variables")
            json.beginArray()
            for variable in verdict.bound?.variables ?? [] {
                json.beginObject()
                json.member("variable", variable.slot.placeholder)
                json.member("component", variable.slot.component.name)
                json.member("value", variable.value)
                json.member("source", variable.source)
                json.endObject()
            }
            json.endArray()
            json.key("window")
            if let window = verdict.window { json.window(window) } else { json.null() }
            json.member("used_fallback", verdict.usedFallback)
            json.key("faults")
            json.beginArray()
            for fault in verdict.faults { json.fault(fault, of: verdict, language) }
            json.endArray()
            json.member("warnings", warnings)
            json.endObject()
        }
    }
}

extension MessageStatus {
    /// The provider has it.
    fileprivate var isTaken: Bool {
        switch self {
        case .accepted, .sent, .delivered, .read, .played: true
        case .queued, .sending, .unknown, .failed, .canceled, .expired, .received: false
        }
    }
}

extension Message.TemplateReference {
    init(_ template: Template) {
        self.init(id: template.id, name: template.name, language: template.language, category: template.category)
    }
}

extension JSONWriter {
    /// What is no template is shown as it is, whatever stands against it.
    fileprivate mutating func rendered(_ verdict: SendVerdict, of request: SendRequest) {
        var rendered = verdict.bound?.rendered
        if !verdict.usedFallback, let shown = request.content.shown { rendered = shown }
        // Choices that go out as words.
        if verdict.details.isNumberedText, case .text(let words) = verdict.content {
            rendered = RenderedTemplate(header: nil, body: words, footer: nil, buttons: [])
        }
        beginObject()
        member("header", rendered?.header)
        member("body", rendered?.body)
        member("footer", rendered?.footer)
        key("buttons")
        beginArray()
        for button in rendered?.buttons ?? [] {
            beginObject()
            member("type", button.type)
            member("text", button.text)
            member("url", button.url)
            endObject()
        }
        endArray()
        endObject()
    }

    /// The code and words that the send would answer with, and its details.
    fileprivate mutating func fault(_ fault: SendFault, of verdict: SendVerdict, _ language: Language) {
        let problem = Problem.from(fault, of: verdict)
        beginObject()
        member("code", problem.code.rawValue)
        member("message", problem.code.message.text(in: language, problem.values))
        if let templateIDs = problem.templateIDs { member("template_ids", templateIDs.map(\.rawValue)) }
        if !problem.details.isEmpty {
            key("details")
            beginArray()
            for detail in problem.details {
                beginObject()
                member("pointer", detail.pointer)
                member("code", detail.code)
                if let component = detail.component { member("component", component) }
                if let variable = detail.variable { member("variable", variable) }
                if let label = detail.label { member("label", label) }
                member("message", detail.words.text(in: language, detail.values))
                endObject()
            }
            endArray()
        }
        endObject()
    }
}

extension SendRequest.Content {
    /// As the phone will show it; nil for a template, which has to be bound first, and where there are no words.
    fileprivate var shown: RenderedTemplate? {
        guard let words else { return nil }
        func button(_ type: String, _ text: String) -> RenderedTemplate.Button {
            RenderedTemplate.Button(type: type, text: text, url: nil)
        }
        return switch self {
        case .buttons(let content):
            RenderedTemplate(
                header: content.header, body: words, footer: content.footer,
                buttons: content.buttons.map { button("reply", $0.title) })
        case .list(let content):
            RenderedTemplate(
                header: content.header, body: words, footer: content.footer, buttons: [button("list", content.button)])
        case .text, .media, .location, .template:
            RenderedTemplate(header: nil, body: words, footer: nil, buttons: [])
        }
    }
}
