import API
import Domain
import Foundation
import JSON

/// The document as it lies in the repository, with its references followed.
struct OpenAPIDocument: Sendable {
    let root: JSONValue

    static let shared = OpenAPIDocument()

    private init() {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try? Data(contentsOf: folder.appendingPathComponent("openapi/openapi.json"))
        root = text.flatMap { try? JSONParser.parse(Array($0)) } ?? .null
    }

    /// One method of one path.
    struct Operation: Sendable {
        let method: String
        let path: String
        let value: JSONValue

        var id: String { value["operationId"]?.string ?? "" }
        var isOpen: Bool { value["security"]?.array?.isEmpty == true }
    }

    /// In the order of the document, which is also that in which its examples follow one another.
    var operations: [Operation] {
        (root["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { Operation(method: $0.key, path: path.key, value: $0.value) }
        }
    }

    /// The value itself, or what its `$ref` points at.
    func followed(_ value: JSONValue) -> JSONValue? {
        guard let reference = value["$ref"]?.string else { return value }
        guard reference.hasPrefix("#/") else { return nil }
        var found: JSONValue? = root
        for segment in reference.dropFirst(2).split(separator: "/") {
            let key = String(segment).replacing("~1", with: "/").replacing("~0", with: "~")
            found = found?[key]
        }
        return found.flatMap { followed($0) }
    }

    /// One documented answer.
    struct Response: Sendable {
        let status: Int
        let value: JSONValue

        var errorCodes: [String] { value["x-error-codes"]?.array?.compactMap(\.string) ?? [] }
        var content: (type: String, media: JSONValue)? {
            value["content"]?.object?.members.first.map { (type: $0.key, media: $0.value) }
        }
        var schema: JSONValue? { content?.media["schema"] }
        var examples: [(key: String, value: JSONValue)] { content?.media["examples"]?.object?.members ?? [] }
        var headerNames: [String] { value["headers"]?.object?.keys ?? [] }
    }

    func responses(of operation: Operation) -> [Response] {
        (operation.value["responses"]?.object?.members ?? []).compactMap { member in
            guard let status = Int(member.key), let value = followed(member.value) else { return nil }
            return Response(status: status, value: value)
        }
    }

    func response(_ status: Int, of operation: Operation) -> Response? {
        responses(of: operation).first { $0.status == status }
    }

    /// The shared answers, those that belong to no operation among them.
    var sharedResponses: [Response] {
        (root["components"]?["responses"]?.object?.members ?? []).map { Response(status: 0, value: $0.value) }
    }

    func operation(_ id: String) -> Operation? { operations.first { $0.id == id } }

    /// The JSON body of the request example with this name.
    func requestBody(of operation: Operation, _ name: String) -> JSONValue? {
        operation.value["requestBody"]?["content"]?["application/json"]?["examples"]?[name]?["value"]
    }

    /// The errors that the document names, as enumerated.
    var errorCodes: [String] {
        root["components"]?["schemas"]?["ErrorCode"]?["enum"]?.array?.compactMap(\.string) ?? []
    }

    /// Every `$ref` with the place where it stands.
    var references: [(place: String, value: JSONValue)] {
        var found: [(place: String, value: JSONValue)] = []
        func walk(_ value: JSONValue, _ place: String) {
            switch value {
            case .object(let object):
                if object["$ref"]?.string != nil { found.append((place, value)) }
                for member in object.members { walk(member.value, "\(place)/\(member.key)") }
            case .array(let items): for (index, item) in items.enumerated() { walk(item, "\(place)/\(index)") }
            default: break
            }
        }
        walk(root, "")
        return found
    }
}

extension Route {
    /// What `x-permission` says of it.
    var documentedPermission: String {
        switch access {
        case .open: "none"
        case .anyKey: "any"
        case .needs(let permission): permission.rawValue
        }
    }
}
