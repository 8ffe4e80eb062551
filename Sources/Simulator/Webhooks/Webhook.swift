package import HTTP

/// One signed POST to a business's hook.
package struct Webhook: Sendable {
    package let url: String
    package let fields: HTTPFields
    package let body: [UInt8]
}

/// What came of one try.
package enum HookAnswer: Sendable {
    case answered(status: Int, body: String)
    /// In words that hold no address.
    case failed(String)

    var isTaken: Bool {
        if case .answered(let status, _) = self { (200..<300).contains(status) } else { false }
    }
}
