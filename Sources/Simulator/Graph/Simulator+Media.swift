import HTTP
import JSON

/// Files at Graph (Cloud API › Media): uploaded by a number, looked at and downloaded with its token.
extension Simulator {
    func upload(_ request: HTTPRequest, _ number: CloudAPINumber) throws(GraphError) -> Answer {
        guard let form = MultipartForm(request) else { throw .required("messaging_product") }
        guard form["messaging_product"].map({ String(decoding: $0.body, as: UTF8.self) }) == "whatsapp" else {
            throw .parameter("messaging_product", "must be one of {WHATSAPP}")
        }
        guard let file = form["file"] else { throw .required("file") }
        let type = form["type"].map { String(decoding: $0.body, as: UTF8.self) } ?? file.contentType ?? ""
        guard let kind = MediaRules.kind(type), file.contentType == nil || file.contentType == type else {
            throw .parameter("file", "must be a file with one of the supported types, received \(type)")
        }
        guard file.body.count <= MediaRules.limit(kind), !file.body.isEmpty else {
            throw GraphError(code: 131_053, "(#131053) Media upload error", details: "The file's size is not taken")
        }
        let stored = MediaShelf.File(
            id: ProviderIdentifiers.media(), instance: number.phoneNumberID, mimeType: type, filename: file.filename,
            bytes: file.body)
        return answer(.media, of: .cloudAPI) {
            shelf.put(stored)
            return .reply(.ok, ["id": .string(stored.id)])
        }
    }

    /// Whether a message may name these files: each is this number's, and of the kind it is named as.
    func judgeMedia(in content: JSONValue, of number: CloudAPINumber) throws(GraphError) {
        for (kind, id) in MediaRules.named(in: content) {
            guard let file = shelf[id], file.instance == number.phoneNumberID, file.kind == kind else {
                throw .parameter("\(kind)['id']", "is not a valid whatsapp business account media attachment ID")
            }
        }
    }

    /// `GET` and `DELETE /{media id}`.
    func media(_ request: HTTPRequest, _ id: String, _ mine: [CloudAPINumber]) throws(GraphError) -> Answer {
        guard let file = shelf[id], mine.contains(where: { $0.phoneNumberID == file.instance }) else {
            throw .noSuchObject(id)
        }
        if request.method == .delete {
            shelf.remove(id)
            return .reply(.ok, ["success": true])
        }
        guard request.method == .get else { throw .unknownPath }
        let url = "http://\(request.fields["Host"] ?? "localhost")/_lookaside/\(id)"
        return answer(.media, of: .cloudAPI) {
            .reply(
                .ok,
                [
                    "messaging_product": "whatsapp", "url": .string(url), "mime_type": .string(file.mimeType),
                    "sha256": .string(file.sha256), "file_size": .number(JSONNumber(Int64(file.bytes.count))),
                    "id": .string(id),
                ])
        }
    }

    /// The address that `GET /{media id}` gives, which needs the token too.
    func download(_ request: HTTPRequest, _ target: RequestTarget) -> Answer {
        calls.note(request.method.rawValue, "/_lookaside")
        guard target.segments.count == 2, let file = shelf[target.segments[1]] else {
            return .reply(.notFound, ["error": "no such file"])
        }
        let words = (request.fields["Authorization"] ?? "").split(separator: " ")
        let opens = configuration.phones.contains { phone in
            if case .cloudAPI(let number) = phone {
                return number.phoneNumberID == file.instance && words.last.map { $0 == number.token } ?? false
            }
            return false
        }
        guard opens else { return .reply(.unauthorized, ["error": "not yours"]) }
        return answer(.download, of: .cloudAPI) {
            .reply(Reply(.ok, contentType: file.mimeType, body: file.bytes))
        }
    }
}
