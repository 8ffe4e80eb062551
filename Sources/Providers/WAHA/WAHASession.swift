import Domain
import JSON

/// How a session stands (WAHA, "Sessions").
enum WAHASession {
    /// `{name, status, me}`, as `GET /api/sessions/{name}` answers.
    static func session(of json: JSONValue?) -> ProviderSession? {
        guard let word = json?["status"]?.string else { return nil }
        let chat = json?["me"]?["id"]?.string.map(WAHAChatID.init)
        let phone = chat.flatMap { $0.kind == .person && $0.isDigits ? "+\($0.user)" : nil }
        return ProviderSession(
            status: status(word), providerStatus: word, phoneNumber: phone,
            displayName: json?["me"]?["pushName"]?.string)
    }

    /// Open: WAHA adds words.
    static func status(_ word: String) -> Instance.Status {
        switch word {
        case "WORKING": .connected
        case "STARTING": .connecting
        // Expected back: by a restart, or by whoever stopped it.
        case "STOPPED", "FAILED": .disconnected
        // The phone has to be linked: SCAN_QR_CODE, PASSKEY_REQUIRED, PASSKEY_CONFIRMATION_REQUIRED.
        default: .notConnected
        }
    }
}
