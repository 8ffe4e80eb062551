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

    /// Head and body in one piece, of a stream the head; in the buffer's memory, until that is used again.
    func encode(_ response: HTTPResponse, into buffer: OutputBuffer) -> UnsafeRawBufferPointer {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        var output = OctetWriter(buffer.memory(for: headLimit(response) + body.count))
        writeStatusLine(response.status, to: &output)
        writeFields(response.fields, to: &output)
        if let requestID = response.requestID { write(requestID: requestID, to: &output) }
        writeFraming(response, body, to: &output)
        return output.written
    }

    /// - Parameter bytes: not empty, for an empty chunk would end the body.
    static func appendChunk(_ bytes: [UInt8], to output: inout [UInt8]) {
        output.append(contentsOf: "\(String(bytes.count, radix: 16))\r\n".utf8)
        output.append(contentsOf: bytes)
        output.append(contentsOf: "\r\n".utf8)
    }

    /// No head with these fields is longer: beside them stand the date and a few short lines of the server's own.
    private func headLimit(_ response: HTTPResponse) -> Int {
        256 + date.count + response.fields.octets.count + 4 * response.fields.slots.count
            + (response.requestID?.utf8.count ?? 0)
    }

    private func writeStatusLine(_ status: HTTPStatus, to output: inout OctetWriter) {
        if status == .ok {
            output.write("HTTP/1.1 200 OK\r\n")
        } else {
            output.write("HTTP/1.1 ")
            output.write(decimal: status.code)
            output.write(" ")
            output.write(Array(status.reason.utf8))
            output.write("\r\n")
        }
        output.write(date)
        if !context.keepsAlive {
            output.write("Connection: close\r\n")
        } else if context.minorVersion == 0 {
            output.write("Connection: keep-alive\r\n")
        }
    }

    private func writeFields(_ fields: HTTPFields, to output: inout OctetWriter) {
        fields.octets.withUnsafeBufferPointer { octets in
            for slot in fields.slots where !isReserved(slot, of: fields) {
                output.write(octets[Int(slot.nameStart)..<Int(slot.nameEnd)])
                output.write(": ")
                output.write(octets[Int(slot.valueStart)..<Int(slot.valueEnd)])
                output.write("\r\n")
            }
        }
    }

    /// Left out if it could write fields of its own, as `HTTPFields.append` would.
    private func write(requestID: String, to output: inout OctetWriter) {
        var requestID = requestID
        requestID.withUTF8 { octets in
            guard octets.isFieldValue else { return }
            output.write("X-Request-Id: ")
            output.write(octets[...])
            output.write("\r\n")
        }
    }

    private func writeFraming(_ response: HTTPResponse, _ body: [UInt8], to output: inout OctetWriter) {
        let status = response.status
        if response.isStream {
            // HTTP/1.0 knows no chunks: there the end of the connection ends the body.
            if status.allowsBody, context.minorVersion >= 1 { output.write("Transfer-Encoding: chunked\r\n") }
        } else if status.allowsBody {
            output.write("Content-Length: ")
            // RFC 9110 § 15.3.6: there the length may stand, and must be 0.
            output.write(decimal: status == .resetContent ? 0 : body.count)
            output.write("\r\n")
        }
        output.write("\r\n")
        if status.allowsBody, !context.isHead, status != .resetContent { output.write(body) }
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
