/// The thread of one contact on one instance.
package struct Conversation: Sendable, Hashable {
    package typealias ID = Identifier<Conversation>

    package enum Status: String, Sendable, CaseIterable {
        case open
        /// Settled, until the contact writes again.
        case closed
    }

    /// How far people have got with it.
    package struct State: Sendable, Hashable {
        package var status: Status
        package var assignedTo: User.ID?
        /// What the contact wrote since everything was read.
        package var unread: Int64

        package init(status: Status, assignedTo: User.ID?, unread: Int64) {
            self.status = status
            self.assignedTo = assignedTo
            self.unread = unread
        }
    }

    package var id: ID
    package var instanceID: Instance.ID
    /// The identifier the thread was opened on; answers go there.
    package var recipient: Recipient?
    /// By the provider's clock.
    package var lastInboundAt: Timestamp?
    package var lastMessageAt: Timestamp
    /// When the contact last counted for the business account's messaging limit.
    package var tierCountedAt: Timestamp?

    package init(
        id: ID, instanceID: Instance.ID, recipient: Recipient?, lastInboundAt: Timestamp?, lastMessageAt: Timestamp,
        tierCountedAt: Timestamp? = nil
    ) {
        self.id = id
        self.instanceID = instanceID
        self.recipient = recipient
        self.lastInboundAt = lastInboundAt
        self.lastMessageAt = lastMessageAt
        self.tierCountedAt = tierCountedAt
    }
}

/// Whom a message goes to, in a form that a provider dials.
package struct Recipient: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        /// E.164 with `+`, as the lead has it.
        case phone
        /// Digits, as the provider returned them: dialled with `+`, never altered.
        case waID = "wa_id"
        /// WAHA's hidden id, `…@lid`.
        case lid
        /// Meta's business-scoped user id.
        case bsuid
    }

    package var kind: Kind
    package var value: String

    package init(kind: Kind, value: String) {
        self.kind = kind
        self.value = value
    }

    /// As people read it: a number with `+`, or the hidden id as it is.
    package var display: String { kind == .waID ? "+\(value)" : value }
}
