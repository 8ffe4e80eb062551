/// Makes a message of a draft, or tells every reason why it is none.
package enum MessageRules {
    /// - Returns: the content where there is no fault.
    package static func judge(_ draft: MessageDraft) -> (content: SendRequest.Content?, faults: [ContentFault]) {
        var judgement = MessageJudgement(draft)
        let content = judgement.content()
        return (judgement.faults.isEmpty ? content : nil, judgement.faults)
    }

    /// A place alone, as in a template's header.
    ///
    /// - Parameter pointer: where it stands in the body.
    package static func judge(
        _ location: MessageDraft.Location, at pointer: String
    ) -> (location: GeoLocation?, faults: [ContentFault]) {
        var judgement = MessageJudgement(MessageDraft())
        let location = judgement.location(location, at: pointer)
        return (judgement.faults.isEmpty ? location : nil, judgement.faults)
    }
}

/// One judgement: the type, the fields that it has, and each field by itself.
struct MessageJudgement {
    private let draft: MessageDraft
    /// Nil when it cannot be told, or when a stored file is to tell it.
    private var kind: MessageKind?
    var faults: [ContentFault] = []

    init(_ draft: MessageDraft) { self.draft = draft }

    mutating func content() -> SendRequest.Content? {
        chooseKind()
        if kind != nil { judgePlaces() }
        // Each is judged, whichever of them the message is.
        let media = draft.media.map { self.media($0) }
        let location = draft.location.map { self.location($0) }
        let (buttons, list) = (draft.buttons.map { self.buttons($0) }, draft.list.map { self.list($0) })
        if draft.media?.caption != nil, draft.message != nil {
            fault("/media/caption", .exclusive, ["one": "message", "other": "media.caption"])
        }
        let body = words()
        let (header, footer) = (line(draft.header, "/header"), line(draft.footer, "/footer"))
        switch kind {
        case .text: return body.map { .text($0) }
        case .buttons:
            guard let body, let buttons else { return nil }
            return .buttons(ReplyButtons(header: header, body: body, footer: footer, buttons: buttons))
        case .list:
            guard let body, let list else { return nil }
            return .list(
                OptionList(header: header, body: body, footer: footer, button: list.button, sections: list.sections))
        case .location: return location.flatMap { $0 }.map { .location($0) }
        case .image, .video, .audio, .document, nil: return media.flatMap { $0 }.map { .media($0) }
        }
    }

    mutating func fault(_ pointer: String, _ code: ContentFault.Code, _ values: [String: String] = [:]) {
        faults.append(ContentFault(pointer, code, values))
    }

    // MARK: The type

    private mutating func chooseKind() {
        if let type = draft.type {
            kind = MessageKind(rawValue: type)
            if kind == nil {
                let values = MessageKind.allCases.map(\.rawValue).joined(separator: ", ")
                fault("/type", .notSupported, ["values": values])
            }
            return
        }
        var candidates: [MessageKind] = []
        if draft.location != nil { candidates.append(.location) }
        if draft.buttons != nil { candidates.append(.buttons) }
        if draft.list != nil { candidates.append(.list) }
        switch (draft.media, candidates.count) {
        case (nil, 0): kind = .text
        case (nil, 1): kind = candidates[0]
        // What lies behind a link nobody knows; a stored file tells.
        case (let media?, 0): if media.id == nil { fault("/type", .required) }
        default: fault("/type", .required)
        }
    }

    /// The fields that the type does not have, and the one that it cannot do without.
    private mutating func judgePlaces() {
        guard let kind else { return }
        func misplaced(_ field: String) { fault("/\(field)", .misplaced, ["type": kind.rawValue]) }
        if draft.media != nil, kind.media == nil { misplaced("media") }
        if draft.location != nil, kind != .location { misplaced("location") }
        if draft.buttons != nil, kind != .buttons { misplaced("buttons") }
        if draft.list != nil, kind != .list { misplaced("list") }
        if draft.header != nil, !kind.isInteractive { misplaced("header") }
        if draft.footer != nil, !kind.isInteractive { misplaced("footer") }
        if draft.message != nil, kind.wordLimit == 0 { misplaced("message") }
        if let media = kind.media {
            if draft.media?.caption != nil, !media.takesCaption { misplaced("media/caption") }
            if draft.media?.filename != nil, !media.takesFilename { misplaced("media/filename") }
        }
        switch kind {
        case .image, .video, .audio, .document: if draft.media == nil { fault("/media", .required) }
        case .location: if draft.location == nil { fault("/location", .required) }
        case .buttons: if draft.buttons == nil { fault("/buttons", .required) }
        case .list: if draft.list == nil { fault("/list", .required) }
        case .text: break
        }
    }

    // MARK: Words

    private mutating func words() -> String? {
        // Of a type that nobody knows the words are judged as a text's.
        guard let kind = kind ?? (draft.media == nil ? .text : nil) else {
            return limited(draft.message, "/message", MessageKind.image.wordLimit)
        }
        guard kind.wordLimit > 0 else { return nil }
        if kind.needsWords, draft.message == nil {
            fault("/message", .required)
            return nil
        }
        return limited(draft.message, "/message", kind.wordLimit, mayBeBlank: !kind.needsWords)
    }

    private mutating func line(_ text: String?, _ pointer: String) -> String? { limited(text, pointer, 60) }

    /// Blank words of a caption are no words.
    mutating func limited(
        _ text: String?, _ pointer: String, _ limit: Int, isRequired: Bool = false, mayBeBlank: Bool = false
    ) -> String? {
        guard let text else {
            if isRequired { fault(pointer, .required) }
            return nil
        }
        if text.allSatisfy(\.isWhitespace) {
            if !mayBeBlank { fault(pointer, .blank) }
            return nil
        }
        guard text.unicodeScalars.count <= limit else {
            fault(pointer, .tooLong, ["limit": String(limit)])
            return nil
        }
        return text
    }

    // MARK: Files and places

    private mutating func media(_ media: MessageDraft.Media) -> MediaRequest? {
        let caption = limited(media.caption, "/media/caption", MessageKind.image.wordLimit, mayBeBlank: true)
        let filename = limited(media.filename, "/media/filename", 240)
        if let filename, filename.unicodeScalars.contains(where: { $0 == "/" || $0 == "\\" || $0.value < 0x20 }) {
            fault("/media/filename", .invalidCharacter)
        }
        let words = limited(draft.message, "/message", .max, mayBeBlank: true)
        func request(_ reference: MediaReference) -> MediaRequest {
            MediaRequest(
                kind: kind?.media, reference: reference, caption: caption ?? words,
                captionPointer: caption == nil ? "/message" : "/media/caption", filename: filename)
        }
        switch (media.id, media.url) {
        case (let id?, nil): return request(.stored(id))
        case (nil, let url?): return request(.link(url))
        case (nil, nil): fault("/media", .required, ["one": "media.id", "other": "media.url"])
        default: fault("/media", .exclusive, ["one": "media.id", "other": "media.url"])
        }
        return nil
    }

    /// - Parameter root: where it stands in the body.
    mutating func location(_ location: MessageDraft.Location, at root: String = "/location") -> GeoLocation? {
        let latitude = degrees(location.latitude, "\(root)/latitude", within: 90)
        let longitude = degrees(location.longitude, "\(root)/longitude", within: 180)
        let name = limited(location.name, "\(root)/name", 1000, mayBeBlank: true)
        let address = limited(location.address, "\(root)/address", 1000, mayBeBlank: true)
        guard let latitude, let longitude else { return nil }
        return GeoLocation(latitude: latitude, longitude: longitude, name: name, address: address)
    }
}
