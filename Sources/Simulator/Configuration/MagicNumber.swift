/// Recipients whose last four digits decide how the simulated providers treat a message to them.
///
/// | ends in | Cloud API | WAHA |
/// | --- | --- | --- |
/// | 0001 | 400, 131026 undeliverable | 500 with an exception |
/// | 0002 | accepted, answered after 3 s | the same |
/// | 0003 | delivered, never answered: held for 30 s, then closed | the same |
/// | 0004 | delivered, then the connection is reset | the same |
/// | 0005 | the connection is reset, nothing delivered | the same |
/// | 0006 | 500 with an HTML page, nothing delivered | the same |
/// | 0007 | delivered, 200 with a body that is no JSON | delivered, 201 with it |
/// | 0008 | 130429 throughput twice, then accepted | 422 session not ready twice, then accepted |
/// | 0009 | 131047, whatever the window | 422 not implemented by the engine |
/// | 0010 | 401, 190 bad token | 401 |
/// | 0011 | accepted, then a `failed` status with 131049 | accepted, then ack -1 |
/// | 0012 | delivered, 200 without a message id | delivered, 201 with an empty body |
/// | 0013 | 503, code 2, once, then accepted | 422 session not ready once, then accepted |
/// | 0014 | delivered, half of the answer, then closed | the same |
/// | 0015 | not on WhatsApp: 131026 | `check-exists` says no; a send answers 201 and never arrives |
/// | 0016 | 131056 pair rate once, then accepted | 500 "server returned error 463" once, then accepted |
/// | 0017 | accepted | accepted, answered in NOWEB's raw shape |
/// | 0020 | accepted; in Brazil `wa_id` lacks the ninth digit | in Brazil `check-exists` gives the older id, and a send to the newer one never arrives |
package enum MagicNumber: String, Sendable, CaseIterable {
    case undeliverable = "0001"
    case slow = "0002"
    case stalls = "0003"
    case losesAnswer = "0004"
    case resetsUnseen = "0005"
    case unreadableError = "0006"
    case nonsense = "0007"
    case throughput = "0008"
    case windowClosed = "0009"
    case badToken = "0010"
    case failsLater = "0011"
    case withoutID = "0012"
    case unavailableOnce = "0013"
    case halfAnswer = "0014"
    case notOnWhatsapp = "0015"
    case pairRateOnce = "0016"
    case rawShape = "0017"
    case olderAccount = "0020"

    init?(_ number: DialledNumber) { self.init(rawValue: number.lastFourDigits) }

    /// The name that a fault script uses: `loses_answer`.
    package var name: String {
        var name = ""
        var previous: Character = "_"
        for character in "\(self)" {
            if character.isUppercase, previous.isLowercase { name += "_" }
            name += character.lowercased()
            previous = character
        }
        return name
    }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// Refusals before a message is accepted; nil refuses for ever.
    var refusals: Int? {
        switch self {
        case .throughput: 2
        case .unavailableOnce, .pairRateOnce: 1
        default: nil
        }
    }
}
