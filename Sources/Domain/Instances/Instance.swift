/// A WhatsApp number attached as a channel.
package struct Instance: Sendable, Hashable {
    package typealias ID = Identifier<Instance>

    package enum Provider: String, Sendable, CaseIterable {
        /// The unofficial WhatsApp Web API.
        case waha
        /// Meta's official API.
        case cloudAPI = "cloud_api"

        /// How fast one contact may be written to; nil is as fast as the number.
        package var contactPace: Pace? { self == .cloudAPI ? .cloudRecipient : nil }
    }

    package enum Status: String, Sendable, CaseIterable {
        case connected
        case connecting
        case notConnected = "not_connected"
        case disconnected
        case loggedOut = "logged_out"
        case disabled
        case authFailed = "auth_failed"

        /// Whether a send is taken: `connecting` and `disconnected` are expected back, so a message is held for them.
        package var acceptsSends: Bool {
            switch self {
            case .connected, .connecting, .disconnected: true
            case .notConnected, .loggedOut, .disabled, .authFailed: false
            }
        }

        /// Whether a message can go to the provider now.
        package var canDispatch: Bool { self == .connected }
    }

    package var id: ID
    package var accountID: Account.ID
    package var provider: Provider
    package var displayName: String
    /// E.164 with `+`.
    package var phoneNumber: String
    package var isPrimary: Bool
    package var status: Status
    /// The provider's own word for it.
    package var providerStatus: String?
    /// The WhatsApp business account; templates belong to it. Cloud API only.
    package var businessAccountID: String?
    package var qualityRating: String?
    package var messagingLimit: String?
    package var lastInboundAt: Timestamp?
    /// Nil is as fast as may be.
    package var limits: NumberLimits?
    /// What its owner set; WAHA only.
    package var pacing: NumberPacing

    package init(
        id: ID, accountID: Account.ID, provider: Provider, displayName: String, phoneNumber: String, isPrimary: Bool,
        status: Status, providerStatus: String?, businessAccountID: String?, qualityRating: String?,
        messagingLimit: String?, lastInboundAt: Timestamp?, limits: NumberLimits? = nil,
        pacing: NumberPacing = .init()
    ) {
        self.id = id
        self.accountID = accountID
        self.provider = provider
        self.displayName = displayName
        self.phoneNumber = phoneNumber
        self.isPrimary = isPrimary
        self.status = status
        self.providerStatus = providerStatus
        self.businessAccountID = businessAccountID
        self.qualityRating = qualityRating
        self.messagingLimit = messagingLimit
        self.lastInboundAt = lastInboundAt
        self.limits = limits
        self.pacing = pacing
    }

    package var supportsTemplates: Bool { provider == .cloudAPI }
    package var supportsButtons: Bool { provider == .cloudAPI }
    package var hasWindowRestriction: Bool { provider == .cloudAPI }
    /// Whether its owner may set how fast it sends; otherwise its provider does.
    package var takesPacing: Bool { provider == .waha }
    /// How fast one contact may be written to.
    package var contactPace: Pace? { provider.contactPace }
    /// How many contacts its business account may write to first; nil is any number.
    package var tier: MessagingTier? {
        MessagingTier(word: messagingLimit, of: provider, businessAccountID: businessAccountID)
    }
}
