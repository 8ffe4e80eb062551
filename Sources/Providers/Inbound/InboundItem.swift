package import Domain
package import JSON

/// One thing that a webhook body tells.
package enum InboundItem: Sendable, Hashable {
    case message(InboundMessage)
    case status(StatusUpdate)
    case session(SessionUpdate)
    case preference(MarketingPreference)
    case messagingLimit(MessagingLimitUpdate)
    /// Told by the provider and not ours to act upon here: `message_template_status_update`, …
    case other(InboundEvent)
    /// Groups, newsletters, status broadcasts: they make no contact.
    case ignored(kind: String)
    /// What could not be read, by the name of what is wrong and none of its content; the others are unharmed.
    case malformed(reason: String, instance: InstanceKey? = nil)

    /// Which instance it is for, as far as it says.
    package var instance: InstanceKey? {
        switch self {
        case .message(let message): message.instance
        case .status(let update): update.instance
        case .session(let update): update.instance
        case .preference(let preference): preference.instance
        case .other(let event): event.instance
        case .ignored, .messagingLimit: nil
        case .malformed(_, let instance): instance
        }
    }

    /// The item, said to be for this instance where it cannot be read itself.
    func named(_ instance: InstanceKey?) -> InboundItem {
        guard case .malformed(let reason, nil) = self else { return self }
        return .malformed(reason: reason, instance: instance)
    }
}

/// Which instance an item is for; which of them it may touch is judged against the hook that it came by.
package enum InstanceKey: Sendable, Hashable {
    case phoneNumberID(String)
    case session(String)

    package var name: String {
        switch self {
        case .phoneNumberID(let id): id
        case .session(let session): session
        }
    }
}

/// What a provider says of who wrote; at least one is there.
package struct SenderIdentifiers: Sendable, Hashable {
    /// Digits, as the provider has them.
    package var waID: String?
    /// Meta's id of the user within the business portfolio.
    package var bsuid: String?
    package var parentBSUID: String?
    /// WAHA's hidden id, `…@lid`.
    package var lid: String?

    package init(waID: String? = nil, bsuid: String? = nil, parentBSUID: String? = nil, lid: String? = nil) {
        self.waID = waID
        self.bsuid = bsuid
        self.parentBSUID = parentBSUID
        self.lid = lid
    }

    package var isEmpty: Bool { waID == nil && bsuid == nil && parentBSUID == nil && lid == nil }

    /// E.164 with `+`; a WhatsApp id is the number in digits.
    package var phone: String? { waID.map { "+\($0)" } }
}

package struct InboundMessage: Sendable, Hashable {
    package var instance: InstanceKey
    package var providerMessageID: String
    package var sender: SenderIdentifiers
    package var profileName: String?
    /// By the provider's clock.
    package var timestamp: Timestamp
    /// The provider's word, as `text`, `image`, `button`; open.
    package var type: String
    /// What a person would read: the text, a caption, the title of a chosen button.
    package var text: String?
    /// Whether it opens the 24-hour window (PRODUCT § 6.3).
    package var opensWindow: Bool
    /// The message that it answers.
    package var repliesTo: String?
    /// Where the contact came from, on the first message after an ad.
    package var referral: JSONValue?
    /// The file that it brings, still at the provider.
    package var media: InboundMedia?
    package var raw: JSONValue

    package init(
        instance: InstanceKey, providerMessageID: String, sender: SenderIdentifiers, profileName: String?,
        timestamp: Timestamp, type: String, text: String?, opensWindow: Bool, repliesTo: String?,
        referral: JSONValue?, media: InboundMedia? = nil, raw: JSONValue
    ) {
        self.instance = instance
        self.providerMessageID = providerMessageID
        self.sender = sender
        self.profileName = profileName
        self.timestamp = timestamp
        self.type = type
        self.text = text
        self.opensWindow = opensWindow
        self.repliesTo = repliesTo
        self.referral = referral
        self.media = media
        self.raw = raw
    }
}

/// What became of a message of ours.
package struct StatusUpdate: Sendable, Hashable {
    package var instance: InstanceKey
    package var providerMessageID: String
    /// One of accepted, sent, delivered, read, played, failed.
    package var status: MessageStatus
    /// By the provider's clock.
    package var timestamp: Timestamp
    /// `account.message.attempt`, as it was sent. Cloud API only.
    package var callbackData: String?
    package var errors: [ProviderFault]
    package var recipient: SenderIdentifiers
    package var raw: JSONValue

    package init(
        instance: InstanceKey, providerMessageID: String, status: MessageStatus, timestamp: Timestamp,
        callbackData: String?, errors: [ProviderFault], recipient: SenderIdentifiers, raw: JSONValue
    ) {
        self.instance = instance
        self.providerMessageID = providerMessageID
        self.status = status
        self.timestamp = timestamp
        self.callbackData = callbackData
        self.errors = errors
        self.recipient = recipient
        self.raw = raw
    }
}

/// How a WAHA session stands now.
package struct SessionUpdate: Sendable, Hashable {
    package var instance: InstanceKey
    package var session: ProviderSession
    package var timestamp: Timestamp

    package init(instance: InstanceKey, session: ProviderSession, timestamp: Timestamp) {
        self.instance = instance
        self.session = session
        self.timestamp = timestamp
    }
}

/// Whether a user wants to be sent marketing. Cloud API only.
package struct MarketingPreference: Sendable, Hashable {
    package var instance: InstanceKey
    package var user: SenderIdentifiers
    package var isStopped: Bool
    /// By the provider's clock.
    package var timestamp: Timestamp

    package init(instance: InstanceKey, user: SenderIdentifiers, isStopped: Bool, timestamp: Timestamp) {
        self.instance = instance
        self.user = user
        self.isStopped = isStopped
        self.timestamp = timestamp
    }
}

/// How many contacts a business account may write to first, from now on. Cloud API only.
package struct MessagingLimitUpdate: Sendable, Hashable {
    package var businessAccountID: String
    /// As `TIER_2K`.
    package var word: String

    package init(businessAccountID: String, word: String) {
        self.businessAccountID = businessAccountID
        self.word = word
    }
}

package struct InboundEvent: Sendable, Hashable {
    /// Nil for what concerns a whole business account.
    package var instance: InstanceKey?
    /// Cloud API only.
    package var businessAccountID: String?
    package var kind: String
    package var raw: JSONValue

    package init(instance: InstanceKey?, businessAccountID: String?, kind: String, raw: JSONValue) {
        self.instance = instance
        self.businessAccountID = businessAccountID
        self.kind = kind
        self.raw = raw
    }
}
