package import Domain
package import HTTP

/// What Leadwire asks of a provider; each method runs where its caller runs.
package protocol MessagingProvider: Sendable {
    /// An id to be stored before the send, so that a lost answer can be looked up.
    func presetMessageID(via access: ProviderAccess) async -> PresetMessageID
    /// Whom to write to, asked before a first contact.
    func resolveAddress(of recipient: Recipient, via access: ProviderAccess) async -> AddressResolution
    /// Whether an id from `presetMessageID` can be given to a message of this kind.
    func takesPresetID(_ content: OutboundContent) -> Bool
    /// Gives the provider a file before the message that brings it. It may be done again: nobody gets it by that.
    func place(_ file: OutboundFile, via access: ProviderAccess) async -> MediaPlacement
    /// What a contact sent, as it comes; `place` is what the webhook gave.
    func download(
        _ place: String, via access: ProviderAccess, patience: Duration
    ) async -> Result<HTTPClientStream, ProviderFault>
    /// Asks once; a repetition is its caller's decision.
    func send(_ send: OutboundSend, via access: ProviderAccess) async -> AttemptOutcome
    /// One page of the business account's templates, from the cursor that the page before gave.
    func listTemplates(via access: ProviderAccess, after cursor: String?) async -> Result<TemplatePage, ProviderFault>
    /// How the number stands; refused credentials are a status, and a provider that gives no answer is a fault.
    func sessionStatus(via access: ProviderAccess) async -> Result<ProviderSession, ProviderFault>
}

package enum PresetMessageID: Sendable, Hashable {
    case id(String)
    /// The provider makes its own.
    case none
    /// How the attempt ends without a send: `notSent` or `refused`, never `unknown`.
    case failed(AttemptOutcome)
}

package enum MediaPlacement: Sendable, Hashable {
    /// The provider's id for it, good for `MediaPlacement.life`.
    case id(String)
    /// The provider keeps no files: it goes with each message.
    case withMessage
    /// How the attempt ends without a send: `notSent` or `refused`, never `unknown`.
    case failed(AttemptOutcome)

    /// Meta keeps a file for 30 days ("Media"); a day less, so that a message that waits does not lose it on the way.
    package static let life = Duration.seconds(29 * 24 * 60 * 60)
}

package enum AddressResolution: Sendable, Hashable {
    /// In the form that the provider knows, which may differ from the one asked about.
    case recipient(Recipient)
    /// How the attempt ends without a send: `notSent`, or `refused` as when the number is not on WhatsApp.
    case failed(AttemptOutcome)
}

/// How a number stands at its provider.
package struct ProviderSession: Sendable, Hashable {
    package var status: Instance.Status
    /// The provider's own word for it.
    package var providerStatus: String
    /// As the provider writes it.
    package var phoneNumber: String?
    package var displayName: String?
    package var qualityRating: String?
    package var messagingLimit: String?
    /// `STANDARD`, `HIGH`: how fast the number may send. Cloud API only.
    package var throughputLevel: String?

    package init(
        status: Instance.Status, providerStatus: String, phoneNumber: String? = nil, displayName: String? = nil,
        qualityRating: String? = nil, messagingLimit: String? = nil, throughputLevel: String? = nil
    ) {
        self.status = status
        self.providerStatus = providerStatus
        self.phoneNumber = phoneNumber
        self.displayName = displayName
        self.qualityRating = qualityRating
        self.messagingLimit = messagingLimit
        self.throughputLevel = throughputLevel
    }

    /// Messages a second; nil where the provider does not say, or says what is not known here.
    package var throughput: Int? {
        switch throughputLevel {
        case "STANDARD": 80
        case "HIGH": 1000
        default: nil
        }
    }
}
