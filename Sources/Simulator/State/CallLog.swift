/// How many calls each path of the providers received, whatever was answered.
struct CallLog: Sendable {
    private(set) var paths: [String: Int64] = [:]
    private var recipients: [String: Int64] = [:]

    var total: Int64 { paths.values.reduce(0, +) }

    mutating func note(_ method: String, _ path: String) { paths["\(method) \(path)", default: 0] += 1 }

    mutating func note(sendTo contact: ContactAddress) { recipients[contact.matchKey, default: 0] += 1 }

    func sends(to contact: ContactAddress) -> Int64 { recipients[contact.matchKey] ?? 0 }

    mutating func clear() { self = CallLog() }
}
