import JSON

/// One of WAHA's `/api/send…` bodies; fields that it does not know are dropped without a word.
struct WAHASend {
    let session: String
    let chatID: String
    let type: String
    let text: String
    let content: JSONValue
    /// The id that the caller took beforehand; only some calls look at it.
    let id: String?

    /// Returns nil for a path that sends nothing.
    static func kind(_ path: String) -> (type: String, takesID: Bool, required: [String])? {
        switch path {
        case "sendText": ("text", true, ["text"])
        case "sendImage": ("image", false, ["file"])
        case "sendFile": ("document", false, ["file"])
        case "sendVideo": ("video", false, ["file", "convert"])
        case "sendVoice": ("audio", false, ["file", "convert"])
        case "sendLocation": ("location", true, ["latitude", "longitude", "title"])
        case "sendContactVcard": ("contacts", true, ["contacts"])
        case "sendPoll": ("poll", true, ["poll"])
        case "sendList": ("list", false, ["message"])
        default: nil
        }
    }

    init(_ body: [UInt8], path: String) throws(WAHAError) {
        guard let kind = Self.kind(path) else { throw .notFound("Cannot POST /api/\(path)") }
        guard let json = try? JSONParser.parse(body), json.object != nil else {
            throw .invalid(["the body is not a JSON object"])
        }
        var faults: [String] = []
        chatID = json["chatId"]?.string ?? ""
        if chatID.isEmpty { faults.append("chatId must be a string") }
        for name in kind.required where (json[name] ?? .null).isNull { faults.append("\(name) should not be empty") }
        if kind.type == "text", json["text"]?.string == nil { faults.append("text must be a string") }
        if let file = json["file"], file["url"]?.string == nil, file["data"]?.string == nil {
            faults.append("file needs a url or data")
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        session = json["session"]?.string ?? "default"
        type = kind.type
        content = json
        id = kind.takesID ? json["id"]?.string.map(WAHAMessage.hash) : nil
        text =
            json["text"]?.string ?? json["caption"]?.string ?? json["title"]?.string ?? json["poll"]?["name"]?.string
            ?? json["message"]?["description"]?.string ?? ""
    }
}
