/// Puts a response on the wire (RFC 9112 § 4, § 6): the framing and connection fields are the server's own, whatever
/// the handler set.
struct ResponseEncoder {
    /// What of the request decides the form of its answer.
    struct Context: Sendable, Hashable {
        var isHead = false
        var minorVersion = 1
        var keepsAlive = true
    }

    static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)

    let context: Context
    let date: [UInt8]

    func append(_ response: HTTPResponse, to output: inout [UInt8]) {
        let status = response.status
        appendStatusLine(status, to: &output)
        appendFields(response.fields, to: &output)
        switch response.body {
        case .bytes(let bytes):
            if status.allowsBody {
                output.append("Content-Length: ")
                // RFC 9110 § 15.3.6: there the length may stand, and must be 0.
                output.append(decimal: status == .resetContent ? 0 : bytes.count)
                output.append("\r\n\r\n")
                if !context.isHead, status != .resetContent { output.append(contentsOf: bytes) }
            } else {
                output.append("\r\n")
            }
        case .stream:
            // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
            if status.allowsBody, context.minorVersion >= 1 { output.append("Transfer-Encoding: chunked\r\n") }
            output.append("\r\n")
        }
    }

    /// - Parameter bytes: not empty, for an empty chunk would end the body.
    static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: String(bytes.count, radix: 16).utf8)
        output.append("\r\n")
        output.append(contentsOf: bytes)
        output.append("\r\n")
    }

    private func appendStatusLine(_ status: HTTPStatus, to output: inout [UInt8]) {
        if status == .ok {
            output.append("HTTP/1.1 200 OK\r\n")
        } else {
            output.append("HTTP/1.1 ")
            output.append(decimal: status.code)
            output.append(.space)
            output.append(contentsOf: status.reason.utf8)
            output.append("\r\n")
        }
        output.append(contentsOf: date)
        if !context.keepsAlive {
            output.append("Connection: close\r\n")
        } else if context.minorVersion == 0 {
            output.append("Connection: keep-alive\r\n")
        }
    }

    private func appendFields(_ fields: HTTPFields, to output: inout [UInt8]) {
        fields.octets.withUnsafeBufferPointer { octets in
            for slot in fields.slots where !isReserved(slot, of: fields) {
                output.append(contentsOf: octets[Int(slot.nameStart)..<Int(slot.nameEnd)])
                output.append(": ")
                output.append(contentsOf: octets[Int(slot.valueStart)..<Int(slot.valueEnd)])
                output.append("\r\n")
            }
        }
    }

    private func isReserved(_ slot: HTTPFields.Slot, of fields: HTTPFields) -> Bool {
        switch slot.nameEnd - slot.nameStart {
        case 4: fields.matches(slot, "date")
        case 7: fields.matches(slot, "trailer") || fields.matches(slot, "upgrade")
        case 10: fields.matches(slot, "connection") || fields.matches(slot, "keep-alive")
        case 14: fields.matches(slot, "content-length")
        case 17: fields.matches(slot, "transfer-encoding")
        default: false
        }
    }
}

extension [UInt8] {
    /// A literal lies in the binary and is copied in one move.
    fileprivate mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func append(decimal number: Int) {
        if number < 10 {
            append(0x30 + UInt8(number))
        } else if number < 100 {
            append(0x30 + UInt8(number / 10))
            append(0x30 + UInt8(number % 10))
        } else {
            append(contentsOf: String(number).utf8)
        }
    }
}

extension HTTPStatus {
    /// RFC 9110 § 6.4.1.
    var allowsBody: Bool { code != 204 && code != 304 && code >= 200 }
}

extension HTTPResponse {
    /// An interim status cannot end an exchange; a handler that returns one, or no status at all, has failed.
    var withFinalStatus: HTTPResponse {
        (200..<600).contains(status.code) ? self : HTTPResponse(status: .internalServerError)
    }

    /// The handler asks for the connection to end with this answer.
    var asksForClose: Bool {
        fields.contains("connection")
            && fields.all("connection").contains { value in
                value.split(separator: ",").contains { $0.trimmingBlanks.equalsIgnoringCase("close") }
            }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
