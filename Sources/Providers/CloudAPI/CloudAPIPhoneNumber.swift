import Domain
import JSON

/// The number itself, `GET /{phone number id}` (Meta, "Phone numbers").
enum CloudAPIPhoneNumber {
    static let fields =
        "id,display_phone_number,verified_name,status,quality_rating,throughput,whatsapp_business_manager_messaging_limit"

    static func session(of json: JSONValue?) -> ProviderSession? {
        guard let json, let word = json["status"]?.string else { return nil }
        return ProviderSession(
            status: status(word), providerStatus: word, phoneNumber: json["display_phone_number"]?.string,
            displayName: json["verified_name"]?.string, qualityRating: json["quality_rating"]?.string,
            messagingLimit: json["whatsapp_business_manager_messaging_limit"]?.string,
            throughputLevel: json["throughput"]?["level"]?.string)
    }

    /// Only `CONNECTED` sends; of the others some end by themselves.
    private static func status(_ word: String) -> Instance.Status {
        switch word {
        case "CONNECTED": .connected
        case "FLAGGED", "RATE_LIMITED", "DISCONNECTED": .disconnected
        case "BANNED", "RESTRICTED": .disabled
        case "DELETED", "MIGRATED": .loggedOut
        default: .notConnected
        }
    }
}
