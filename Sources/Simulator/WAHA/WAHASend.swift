import Crypto
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
        var content = json
        if let file = json["file"] {
            if file["url"]?.string == nil, file["data"]?.string == nil { faults.append("file needs a url or data") }
            if file["mimetype"]?.string == nil { faults.append("file.mimetype must be a string") }
            if let data = file["data"]?.string {
                if let bytes = Base64.decode(data) {
                    content = Self.summary(of: json, bytes)
                } else {
                    faults.append("file.data must be base64")
                }
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        session = json["session"]?.string ?? "default"
        type = kind.type
        self.content = content
        id = kind.takesID ? json["id"]?.string.map(WAHAMessage.hash) : nil
        text =
            json["text"]?.string ?? json["caption"]?.string ?? json["title"]?.string ?? json["poll"]?["name"]?.string
            ?? json["message"]?["description"]?.string ?? ""
    }

    /// What a phone is shown of a file: not its bytes, but their number and hash.
    private static func summary(of json: JSONValue, _ bytes: [UInt8]) -> JSONValue {
        guard var object = json.object, var file = json["file"]?.object else { return json }
        file["data"] = nil
        file["size"] = .number(JSONNumber(Int64(bytes.count)))
        file["sha256"] = .string(Hex.encode(SHA256.digest(bytes)))
        object["file"] = .object(file)
        return .object(object)
    }
}
