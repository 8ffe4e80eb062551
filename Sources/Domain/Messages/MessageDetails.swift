package import JSON

/// What a message shows besides its words: the members that the API adds to it. One without any has none.
package struct MessageDetails: Sendable, Hashable {
    package enum Choices: Sendable, Hashable {
        case buttons(ReplyButtons)
        case list(OptionList)
    }

    /// A file: a kept one, or the link or id under which the provider has it.
    package struct Media: Sendable, Hashable {
        package var stored: Medium?
        package var url: String?
        package var filename: String?

        /// Its size and hash are left out while it is not here.
        package init(stored: Medium) {
            self.stored = stored
            filename = stored.filename
        }

        init(_ reference: MediaReference, filename: String?, among stored: [Medium]) {
            self.filename = filename
            switch reference {
            case .id: break
            case .link(let link): url = link
            case .stored(let id): self.stored = stored.first { $0.id == id }
            }
        }
    }

    package var replyTo: Message.ID?
    package var media: Media?
    package var location: GeoLocation?
    package var choices: Choices?
    /// The number has neither buttons nor lists: the choices went out as numbered words.
    package var isNumberedText = false
    /// The window was closed: the template that was given for this case stands in for what was to be said.
    package var usedFallback = false

    package init() {}

    package var members: [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        if let replyTo { members.append(("reply_to", .number(JSONNumber(replyTo.rawValue)))) }
        if let media { members.append(("media", media.json)) }
        if let location { members.append(("location", location.json)) }
        switch choices {
        case .buttons(let buttons):
            members += .given(("header", buttons.header), ("footer", buttons.footer))
            members.append(("buttons", buttons.choices))
        case .list(let list):
            members += .given(("header", list.header), ("footer", list.footer))
            members.append(("list", list.menu))
        case nil: break
        }
        if isNumberedText { members.append(("sent_as", "numbered_text")) }
        if usedFallback { members.append(("used_fallback", true)) }
        return members
    }

    /// Nil when there is nothing to add.
    package var json: JSONValue? {
        let members = members
        return members.isEmpty ? nil : .object(JSONObject(members))
    }
}

extension MessageDetails.Media {
    private var isHere: Bool { stored?.sha256.isEmpty == false }

    package var json: JSONValue {
        .object(
            JSONObject([
                ("id", .integer(stored?.id.rawValue)), ("url", .text(url)),
                ("mime_type", .text(stored?.mimeType)), ("filename", .text(filename ?? stored?.filename)),
                ("size", isHere ? .number(JSONNumber(Int64(stored?.size ?? 0))) : .null),
                ("sha256", isHere ? .text(stored?.hexadecimalHash) : .null),
            ]))
    }
}
