import Domain
import JSON

extension Timestamp {
    /// Seconds since 1970 as text, integer or fraction; milliseconds are told by their size.
    init?(provider value: JSONValue?) {
        let number: Double? =
            switch value {
            case .number(let number): number.double
            case .string(let text): Double(text)
            default: nil
            }
        // Up to the year 5138 in seconds; above it no provider means seconds.
        guard let number, number > 0, number < 1e14 else { return nil }
        let scale = number < 1e11 ? 1e6 : 1e3
        self.init(microseconds: Int64((number * scale).rounded()))
    }
}
