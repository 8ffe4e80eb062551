/// The parameters of one execution, laid out as libpq takes them: pointers, lengths, formats.
struct Parameters {
    private(set) var bytes: [UInt8] = []
    /// Where each begins in `bytes`; nil for NULL.
    private(set) var offsets: [Int?] = []
    private(set) var lengths: [Int32] = []
    /// 0 for text, 1 for binary.
    private(set) var formats: [Int32] = []

    static let limit = 65_535

    /// What PostgreSQL could not take at all: libpq ends text at a zero byte, silently.
    static func check(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= limit else {
            throw PostgresError(.invalidParameter, certainty: .notSent, message: "\(values.count) parameters")
        }
        for (index, value) in values.enumerated() {
            let hasZero =
                switch value {
                case .text(let text): text.utf8.contains(0)
                case .json(let bytes): bytes.contains(0)
                case .textArray(let texts): texts.contains { $0?.utf8.contains(0) ?? false }
                case .jsonArray(let values): values.contains { $0?.contains(0) ?? false }
                default: false
                }
            guard !hasZero else {
                throw PostgresError(
                    .invalidParameter, certainty: .notSent, message: "parameter $\(index + 1) holds a zero byte")
            }
        }
    }

    mutating func encode(_ values: [PostgresValue]) {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for value in values {
            let start = bytes.count
            append(value)
            if case .null = value { offsets.append(nil) } else { offsets.append(start) }
            lengths.append(Int32(bytes.count - start))
            if case .bytes = value { formats.append(1) } else { formats.append(0) }
            bytes.append(0)
        }
    }

    private mutating func append(_ value: PostgresValue) {
        switch value {
        case .null: break
        case .int(let value): Self.append(value, to: &bytes)
        case .bool(let value): bytes.append(UInt8(ascii: value ? "t" : "f"))
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytes(let value), .json(let value): bytes.append(contentsOf: value)
        case .timestamp(let value): TimestampText.append(value, to: &bytes)
        case .double(let value): bytes.append(contentsOf: value.description.utf8)
        case .textArray(let values):
            ArrayText.append(values, quoted: true, to: &bytes) { ArrayText.appendEscaped($0.utf8, to: &$1) }
        case .jsonArray(let values):
            ArrayText.append(values, quoted: true, to: &bytes) { ArrayText.appendEscaped($0, to: &$1) }
        case .intArray(let values):
            ArrayText.append(values, quoted: false, to: &bytes) { Self.append($0, to: &$1) }
        case .boolArray(let values):
            ArrayText.append(values, quoted: false, to: &bytes) { $1.append(UInt8(ascii: $0 ? "t" : "f")) }
        case .doubleArray(let values):
            ArrayText.append(values, quoted: false, to: &bytes) { $1.append(contentsOf: $0.description.utf8) }
        case .timestampArray(let values):
            ArrayText.append(values, quoted: true, to: &bytes) { TimestampText.append($0, to: &$1) }
        case .bytesArray(let values):
            ArrayText.append(values, quoted: true, to: &bytes) { Self.appendHex($0, to: &$1) }
        }
    }

    private static func append(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// The hex form of `bytea` inside an array, its backslash escaped.
    private static func appendHex(_ value: [UInt8], to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\\\x".utf8)
        for byte in value {
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}
