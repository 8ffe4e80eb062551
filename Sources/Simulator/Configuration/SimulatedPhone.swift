/// A WhatsApp number of a business, at one of the two providers.
package enum SimulatedPhone: Sendable {
    case cloudAPI(CloudAPINumber)
    case waha(WAHASession)

    /// The id by which its provider's paths name it: phone number id or session.
    package var key: String {
        switch self {
        case .cloudAPI(let number): number.phoneNumberID
        case .waha(let session): session.name
        }
    }

    var number: DialledNumber? {
        switch self {
        case .cloudAPI(let number): DialledNumber(international: number.displayPhoneNumber)
        case .waha(let session): DialledNumber(international: session.phone)
        }
    }

    var webhookURL: String? {
        switch self {
        case .cloudAPI(let number): number.webhookURL
        case .waha(let session): session.webhookURL
        }
    }

    var provider: SimulatedProvider {
        switch self {
        case .cloudAPI: .cloudAPI
        case .waha: .waha
        }
    }
}

enum SimulatedProvider: String, Sendable {
    case cloudAPI = "cloud_api"
    case waha
}

/// A number registered at Meta's Cloud API.
package struct CloudAPINumber: Sendable {
    package var phoneNumberID: String
    package var businessAccountID: String
    /// With country code: `+5521987654321`.
    package var displayPhoneNumber: String
    package var token: String
    package var appSecret: String
    package var webhookURL: String?
    package var verifyToken: String
    package var verifiedName = "Leadwire Demo"

    package init(
        phoneNumberID: String, businessAccountID: String, displayPhoneNumber: String, token: String,
        appSecret: String, webhookURL: String? = nil, verifyToken: String
    ) {
        self.phoneNumberID = phoneNumberID
        self.businessAccountID = businessAccountID
        self.displayPhoneNumber = displayPhoneNumber
        self.token = token
        self.appSecret = appSecret
        self.webhookURL = webhookURL
        self.verifyToken = verifyToken
    }
}

/// A phone paired with a WAHA server.
package struct WAHASession: Sendable {
    package var name: String
    /// With country code: `+5511999887766`.
    package var phone: String
    package var apiKey: String
    package var hmacKey: String
    package var webhookURL: String?
    /// The webhook events it is subscribed to.
    package var events: Set<String> = ["message", "message.ack", "session.status"]
    /// One of WAHA's session statuses; only `WORKING` sends.
    package var status = "WORKING"

    package init(name: String, phone: String, apiKey: String, hmacKey: String, webhookURL: String? = nil) {
        self.name = name
        self.phone = phone
        self.apiKey = apiKey
        self.hmacKey = hmacKey
        self.webhookURL = webhookURL
    }
}
