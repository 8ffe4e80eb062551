/// What a measurement must reach.
enum Gate: Sendable {
    case atLeast(Double)
    case atMost(Double)

    func isMet(by value: Double) -> Bool {
        switch self {
        case .atLeast(let bound): value >= bound
        case .atMost(let bound): value <= bound
        }
    }

    func text(_ format: (Double) -> String) -> String {
        switch self {
        case .atLeast(let bound): "≥ " + format(bound)
        case .atMost(let bound): "≤ " + format(bound)
        }
    }
}

/// One line of the table.
struct Row: Sendable {
    let work: String
    /// What Leadwire and its peer came to, in words; the peer's is empty where there is none.
    var ours: String
    var peer = ""
    /// What the gate judges: the median of it.
    let judged: Spread
    let format: @Sendable (Double) -> String
    /// Without one the row only informs.
    var gate: Gate?
    /// Of one piece of work, Leadwire's and the peer's.
    var processorTime = ""
    /// The largest share of the machine's CPU that others used in a round; nil where it does not matter.
    var foreign: Double?

    /// Beyond this a comparison tells more of the others than of the contestants.
    private static let quiet = 0.1

    var isDisturbed: Bool { (foreign ?? 0) > Self.quiet }

    var isMet: Bool { gate?.isMet(by: judged.median) ?? true }

    var cells: [String] {
        [
            work, ours, peer, judged.text(format), gate?.text(format) ?? "—",
            gate == nil ? "" : isMet ? "met" : "MISSED", processorTime,
            foreign.map(Figures.percent) ?? "",
        ]
    }

    static let titles = ["work", "Leadwire", "peer", "result", "needed", "verdict", "CPU time each", "foreign CPU"]
}

extension Row {
    /// Two contestants who did the same work in turns; the ratio is taken round by round.
    static func ratio(_ work: String, _ ours: [Sample], _ peer: [Sample], gate: Gate? = nil) -> Row {
        Row(
            work: work,
            ours: Spread(ours.map(\.rate)).text(Figures.thousands) + "/s",
            peer: Spread(peer.map(\.rate)).text(Figures.thousands) + "/s",
            judged: Spread(zip(ours, peer).map { $0.rate / $1.rate }), format: Figures.ratio, gate: gate,
            processorTime: processorTime(ours, peer),
            foreign: (ours + peer).map(\.foreign).max())
    }

    private static func processorTime(_ ours: [Sample], _ peer: [Sample]) -> String {
        let ours = Spread(ours.map(\.processorTime))
        let peer = Spread(peer.map(\.processorTime))
        return "\(Figures.microseconds(ours.median)), peer \(Figures.microseconds(peer.median))"
            + ": \(Figures.ratio(ours.median / peer.median))"
    }
}
