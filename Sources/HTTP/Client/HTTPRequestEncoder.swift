/// Writes a request as it goes out, line, fields and body in one piece.
struct HTTPRequestEncoder {
    private let request: HTTPClientRequest
    /// Names, separators and figures of our own, generously.
    private static let framing = 160

    init(_ request: HTTPClientRequest) { self.request = request }

    /// In bytes; what is written is no more.
    var bound: Int {
        let url = request.url
        return Self.framing + request.method.rawValue.utf8.count + url.target.utf8.count + url.host.utf8.count
            + request.fields.octets.count + request.fields.count * 4 + request.body.count
    }

    /// - Parameter memory: at least `bound`.
    /// - Returns: how much of it is written.
    func write(into memory: UnsafeMutableRawBufferPointer) -> Int {
        var writer = OctetWriter(memory)
        writer.write(request.method.rawValue)
        writer.write(" ")
        writer.write(request.url.target)
        writer.write(" HTTP/1.1\r\nHost: ")
        writeAuthority(to: &writer)
        writer.write("\r\n")
        if !writeFields(to: &writer) { writer.write("User-Agent: Leadwire\r\n") }
        let length = request.upload?.length ?? request.body.count
        if length > 0 || expectsBody {
            writer.write("Content-Length: ")
            writer.write(decimal: length)
            writer.write("\r\n")
        }
        writer.write("\r\n")
        if request.upload == nil { writer.write(request.body) }
        return writer.written.count
    }

    /// `Origin.authority`, without a `String` of its own.
    private func writeAuthority(to writer: inout OctetWriter) {
        let origin = request.url.origin
        if origin.host.utf8.contains(UInt8(ascii: ":")) {
            writer.write("[")
            writer.write(origin.host)
            writer.write("]")
        } else {
            writer.write(origin.host)
        }
        guard origin.port != origin.scheme.defaultPort else { return }
        writer.write(":")
        writer.write(decimal: Int(origin.port))
    }

    /// Returns whether the caller names its own agent.
    private func writeFields(to writer: inout OctetWriter) -> Bool {
        let fields = request.fields
        var namesAgent = false
        fields.octets.withUnsafeBytes { octets in
            for slot in fields.slots {
                if isFraming(slot) { continue }
                if slot.nameCount == 10, fields.matches(slot, ignoringCaseOf: "user-agent") { namesAgent = true }
                writer.write(UnsafeRawBufferPointer(rebasing: octets[Int(slot.nameStart)..<Int(slot.nameEnd)]))
                writer.write(": ")
                writer.write(UnsafeRawBufferPointer(rebasing: octets[Int(slot.valueStart)..<Int(slot.valueEnd)]))
                writer.write("\r\n")
            }
        }
        return namesAgent
    }

    /// What the client itself tells, however the caller tells it.
    private func isFraming(_ slot: HTTPFields.Slot) -> Bool {
        switch slot.nameCount {
        case 4: request.fields.matches(slot, ignoringCaseOf: "host")
        case 14: request.fields.matches(slot, ignoringCaseOf: "content-length")
        case 17: request.fields.matches(slot, ignoringCaseOf: "transfer-encoding")
        default: false
        }
    }

    /// Methods whose length is told even when it is 0 (RFC 9110 § 8.6).
    private var expectsBody: Bool {
        request.method == .post || request.method == .put || request.method == .patch
    }
}

extension HTTPClientRequest {
    /// As it goes out.
    func serialized() -> [UInt8] {
        let encoder = HTTPRequestEncoder(self)
        return Array(unsafeUninitializedCapacity: encoder.bound) { memory, count in
            count = encoder.write(into: UnsafeMutableRawBufferPointer(memory))
        }
    }
}
