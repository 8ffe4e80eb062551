import HTTP
import JSON

/// The calls of a provider that a script can spoil.
enum ProviderCall: String, Sendable, CaseIterable {
    case send, templates, phone, session
    case newMessageID = "new_message_id"
    case checkExists = "check_exists"
    case lookUp = "look_up"
    case seen
    /// Uploads and look-ups of files; what they bring is `download`.
    case media, download
}

/// One spoiled call, as the control API takes it: a magic number's name, or an object.
struct ScriptedFault: Sendable {
    /// An error in the provider's shape.
    struct Refusal: Sendable {
        let status: HTTPStatus
        let code: Int64
        let message: String
    }

    enum Effect: Sendable {
        case behaviour(MagicNumber)
        case refusal(Refusal)
        /// Nothing wrong: lets the next call pass before a later entry applies.
        case none
    }

    let effect: Effect
    let call: ProviderCall
    let provider: SimulatedProvider?

    struct Unreadable: Error { let reason: String }

    init(_ json: JSONValue) throws(Unreadable) {
        if let name = json.string {
            (effect, call, provider) = (try Self.effect(named: name), .send, nil)
            return
        }
        guard let object = json.object else {
            throw Unreadable(reason: "a fault is a name or an object")
        }
        if let name = object["fault"]?.string {
            effect = try Self.effect(named: name)
        } else if let code = object["code"]?.int64 {
            let status = HTTPStatus(code: Int(object["status"]?.int64 ?? 400))
            effect = .refusal(Refusal(status: status, code: code, message: object["message"]?.string ?? "scripted"))
        } else {
            throw Unreadable(reason: "a fault needs \"fault\" with a name, or \"code\" with \"status\" and \"message\"")
        }
        let name = object["call"]?.string ?? ProviderCall.send.rawValue
        guard let call = ProviderCall(rawValue: name) else {
            let calls = ProviderCall.allCases.map(\.rawValue).joined(separator: ", ")
            throw Unreadable(reason: "no call is named \"\(name)\"; there are \(calls)")
        }
        self.call = call
        guard let provider = object["provider"] else {
            self.provider = nil
            return
        }
        guard let known = provider.string.flatMap(SimulatedProvider.init) else {
            throw Unreadable(reason: "\"provider\" is cloud_api or waha")
        }
        self.provider = known
    }

    private static func effect(named name: String) throws(Unreadable) -> Effect {
        if name == "none" { return .none }
        guard let behaviour = MagicNumber(name: name) else {
            let names = MagicNumber.allCases.map(\.name).joined(separator: ", ")
            throw Unreadable(reason: "no fault is named \"\(name)\"; there are none, \(names)")
        }
        return .behaviour(behaviour)
    }
}

/// Faults waiting for the calls that they will spoil, first come first served.
struct FaultScript: Sendable {
    private(set) var waiting: [ScriptedFault] = []

    mutating func append(_ faults: [ScriptedFault]) { waiting += faults }

    mutating func clear() { waiting = [] }

    mutating func take(for call: ProviderCall, of provider: SimulatedProvider) -> ScriptedFault.Effect? {
        let index = waiting.firstIndex { $0.call == call && ($0.provider ?? provider) == provider }
        return index.map { waiting.remove(at: $0).effect }
    }
}
