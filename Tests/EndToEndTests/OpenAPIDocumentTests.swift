import API
import Domain
import HTTP
import JSON
import Testing

@Suite struct OpenAPIDocumentTests {
    private let document = OpenAPIDocument.shared

    @Test func `the document and the table name the same routes with the same permissions`() {
        let documented = document.operations.map {
            "\($0.method.uppercased()) \($0.path) \($0.value["x-permission"]?.string ?? "-")"
        }
        let served = Route.table.map { "\($0.name) \($0.documentedPermission)" }
        #expect(documented.sorted() == served.sorted())
        for operation in document.operations {
            #expect(operation.isOpen == (operation.value["x-permission"] == "none"), "\(operation.id)")
        }
    }

    @Test func `every reference leads somewhere`() {
        #expect(document.references.count > 100)
        let dangling = document.references.filter { document.followed($0.value) == nil }.map(\.place)
        #expect(dangling == [])
    }

    @Test func `the document and the code name the same error codes and permissions`() {
        #expect(document.errorCodes == ProblemCode.allCases.map(\.rawValue))
        let permissions = document.root["components"]?["schemas"]?["Permission"]?["enum"]?.array?.compactMap(\.string)
        #expect(permissions == Permission.allCases.map(\.rawValue))
    }

    @Test func `every error code stands in some response, and each response names only codes of its status`() {
        var named: Set<String> = []
        for response in document.sharedResponses { named.formUnion(response.errorCodes) }
        for operation in document.operations {
            for response in document.responses(of: operation) {
                named.formUnion(response.errorCodes)
                for code in response.errorCodes {
                    #expect(ProblemCode(rawValue: code)?.status == response.status, "\(operation.id) \(code)")
                }
                if response.status >= 400, operation.id != "getReadiness" {
                    #expect(!response.errorCodes.isEmpty, "\(operation.id) \(response.status)")
                }
            }
        }
        #expect(named == Set(ProblemCode.allCases.map(\.rawValue)))
    }

    @Test func `every operation has a name of its own, words, a permission and an example of success`() {
        let names = document.operations.map(\.id)
        #expect(Set(names).count == names.count)
        let tags = Set(document.root["tags"]?.array?.compactMap { $0["name"]?.string } ?? [])
        for operation in document.operations {
            #expect(!operation.id.isEmpty, "\(operation.path)")
            #expect(operation.value["summary"]?.string?.isEmpty == false, "\(operation.id)")
            #expect(operation.value["description"]?.string?.isEmpty == false, "\(operation.id)")
            #expect(operation.value["tags"]?.array?.allSatisfy { tags.contains($0.string ?? "") } == true)
            let successes = document.responses(of: operation).filter { (200..<300).contains($0.status) }
            #expect(successes.contains { !$0.examples.isEmpty }, "\(operation.id)")
        }
    }

    @Test func `every path parameter is declared`() {
        for operation in document.operations {
            let declared = (operation.value["parameters"]?.array ?? []).compactMap { document.followed($0) }
                .filter { $0["in"] == "path" }.compactMap { $0["name"]?.string }
            let used = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
                .map { String($0.dropFirst().dropLast()) }
            #expect(declared == used, "\(operation.id)")
        }
    }

    @Test func `every example keeps to its schema`() {
        var checked = 0
        func check(_ response: OpenAPIDocument.Response, _ owner: String) {
            for example in response.examples {
                guard let schema = response.schema, let value = example.value["value"] else {
                    Issue.record("\(owner) \(example.key) has no value")
                    continue
                }
                checked += 1
                #expect(
                    OpenAPISchemaChecker.check(value, schema, isClosed: true).faults == [], "\(owner) \(example.key)")
            }
        }
        for operation in document.operations {
            for response in document.responses(of: operation) { check(response, operation.id) }
        }
        for response in document.sharedResponses { check(response, "shared") }
        #expect(checked > 60)
    }

    @Test func `a request's example keeps to the schema exactly when it succeeds`() {
        for operation in document.operations {
            let media = operation.value["requestBody"]?["content"]?["application/json"]
            guard let schema = media?["schema"] else { continue }
            for response in document.responses(of: operation) {
                for example in response.examples {
                    guard let body = media?["examples"]?[example.key]?["value"] else { continue }
                    let faults = OpenAPISchemaChecker.check(body, schema, isClosed: false).faults
                    if response.status < 300, example.value["x-request"]?["headers"]?["Prefer"] == nil {
                        #expect(faults == [], "\(operation.id) \(example.key)")
                    }
                    if example.key == "faults" { #expect(faults != [], "\(operation.id)") }
                }
            }
        }
    }
}
