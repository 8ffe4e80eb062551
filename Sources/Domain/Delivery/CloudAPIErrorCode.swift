/// An error code of Meta's; open, because Meta adds to them.
package struct CloudAPIErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }
    package init(_ rawValue: Int) { self.rawValue = rawValue }

    /// As `ProviderFault.code` has it.
    package init?(_ text: String) {
        guard let rawValue = Int(text) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { String(rawValue) }

    /// The number sends faster than it may.
    package static let throughput = CloudAPIErrorCode(130_429)
    package static let pairRateLimit = CloudAPIErrorCode(131_056)
    package static let windowClosed = CloudAPIErrorCode(131_047)
    /// What Meta says of a file's id that it does not know, and of all else that it cannot read.
    package static let invalidParameter = CloudAPIErrorCode(100)
    package static let mediaUpload = CloudAPIErrorCode(131_053)

    /// The codes that Leadwire tries again by itself (PRODUCT § 6.8): Meta has turned the message away and will say yes
    /// later. No other code may join them: a repeat is a risk of sending twice.
    package static let retriedAlone: Set<CloudAPIErrorCode> = [
        CloudAPIErrorCode(2), CloudAPIErrorCode(4), CloudAPIErrorCode(80_007), throughput,
        CloudAPIErrorCode(131_016), pairRateLimit, CloudAPIErrorCode(131_057),
        CloudAPIErrorCode(133_004),
    ]

    /// Meta's title, or a plain one for a code that is not known here.
    package var title: String { entry?.title ?? "Unknown error" }

    package var disposition: AttemptOutcome.Disposition {
        Self.retriedAlone.contains(self) ? .retryLater : entry?.disposition ?? .fail
    }

    /// Whether sending the same again later may work, be it by hand.
    package var isRetryable: Bool { disposition == .retryLater || entry?.isRetryable ?? false }

    /// What it means to the person who sent, and what to do.
    package var explanation: ProviderExplanation { entry?.explanation ?? .unknown }

    private var entry: CloudAPIErrorTable.Entry? {
        if let entry = CloudAPIErrorTable.entries[rawValue] { return entry }
        return 200...299 ~= rawValue ? CloudAPIErrorTable.permission : nil
    }
}
