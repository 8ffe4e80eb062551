/// What may still be done with a message that was taken, by the status that it has (PRODUCT § 6.8).
package enum MessageLife {
    package enum Act: String, Sendable, CaseIterable { case retry, cancel, resolve }

    /// How the operator settles what the provider never told.
    package enum Outcome: String, Sendable, CaseIterable {
        /// A new attempt, though the contact may have the message.
        case resend
        case fail
        /// The operator has seen that it went out.
        case sent
    }

    /// Why not.
    package enum Refusal: Sendable, Hashable {
        /// The contact may have it already: whoever sends it again says that they accept that.
        case outcomeUnknown
        /// It was a contact's message, not ours.
        case inbound
        /// Nothing is kept any more that could be sent.
        case erased
        /// Nothing is sent to a lead that is put away.
        case leadArchived
        case status(MessageStatus)
    }

    /// - Parameters:
    ///   - isKept: what it said is still there.
    ///   - acceptsDuplicate: the contact may get it twice.
    /// - Returns: nil when nothing stands against it.
    package static func refusal(
        of act: Act, for message: Message, isKept: Bool, acceptsDuplicate: Bool = false
    ) -> Refusal? {
        guard message.direction == .outbound else { return .inbound }
        guard isKept else { return .erased }
        let refusal = Refusal.status(message.status)
        switch (act, message.status) {
        case (.retry, .failed), (.retry, .expired): return nil
        case (.retry, .unknown): return acceptsDuplicate ? nil : .outcomeUnknown
        case (.cancel, .queued): return nil
        case (.resolve, .unknown): return nil
        case (.retry, _), (.cancel, _), (.resolve, _): return refusal
        }
    }
}
