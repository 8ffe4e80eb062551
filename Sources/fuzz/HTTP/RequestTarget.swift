@testable import HTTP

extension FuzzTarget {
    /// The request parser under every limit: how a stream is cut means nothing, and what it passes is sound.
    static let request = FuzzTarget(
        name: "request",
        seeds: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b?c HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
            "\r\nPOST /x HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\n\r\nhelloDELETE /y HTTP/1.1\r\nHost: [::1]\r\n\r\n",
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;x=\"y\\\"\"\r\nhello\r\n1 ; a\r\n!\r\n0\r\nSum: 1\r\n\r\nHEAD http://h:80/z?q HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nhost:a \r\nX-A:\t1\r\nX-A: \r\n\r\n", "\u{16}\u{3}\u{1}", "GET /a  HTTP/1.1\r\n\r\n",
        ],
        words: [
            "\r\n", "\r\n\r\n", "GET ", "POST ", " HTTP/1.1\r\n", "HTTP/1.0", "Host: a\r\n", "Content-Length: ",
            "Transfer-Encoding: chunked\r\n", "gzip, chunked", "Expect: 100-continue\r\n", "Connection: ", "keep-alive",
            "close", "0\r\n\r\n", "FFFFFFFFFFFFFFFF", "https://", "999999999999999999", ";a=\"b\"",
        ]
    ) { input in
        let limits = RequestLimits(input.serverConfiguration())
        let bodyLimit = input.one(of: [0, 5, 64, 1 << 20])
        let octets = input.stretched()
        let whole = RequestReading([octets[...]], limits: limits, bodyLimit: bodyLimit)
        let parts = RequestReading(input.pieces(octets), limits: limits, bodyLimit: bodyLimit)
        claim(whole.entries == parts.entries, "\(parts.entries) in pieces, \(whole.entries) as a whole")
        judge(whole, limits, bodyLimit)
    }

    private static func judge(_ reading: RequestReading, _ limits: RequestLimits, _ bodyLimit: Int) {
        var due = HTTPRequestHead.BodyLength.none
        var received = 0
        for entry in reading.entries {
            switch entry {
            case .head(let head):
                judge(head, limits)
                due = head.bodyLength
                received = 0
            case .body(let octets):
                received += octets.count
                switch due {
                case .none: claim(false, "a body that no field told of")
                case .known(let length): claim(received <= length, "\(received) of \(length) octets")
                case .chunked: claim(received <= bodyLimit, "\(received) octets in chunks, over \(bodyLimit)")
                }
            case .end:
                if case .known(let length) = due { claim(received == length, "\(received) of \(length) octets") }
            case .fault(let fault):
                claim(fault.status.code < 500 || fault.isOurLimitation, "\(fault.code) answers \(fault.status.code)")
            }
        }
    }

    private static func judge(_ head: HTTPRequestHead, _ limits: RequestLimits) {
        claim(
            head.path.utf8.first == UInt8(ascii: "/") || (head.path == "*" && head.method == .options),
            "the path is \(head.path)")
        claim(head.target.utf8.allSatisfy(\.isTargetOctet), "the target is \(head.target)")
        claim(head.target.utf8.count <= limits.requestLine, "the target has \(head.target.utf8.count) octets")
        claim(head.fields.count <= limits.fieldCount, "\(head.fields.count) fields")
        claim(head.minorVersion == 0 || head.fields.count(of: "Host") == 1, "\(head.fields.count(of: "Host")) hosts")
        for (name, value) in head.fields {
            claim(HTTPFields.isValid(name: name), "a field is named \(name)")
            claim(HTTPFields.isValid(value: value), "a value is \(value.debugDescription)")
        }
        // The host of an absolute target takes the field's place, and came in the request line.
        let longest = max(limits.fieldLine, limits.requestLine)
        for slot in head.fields.slots {
            claim(slot.nameEnd - slot.nameStart + slot.valueEnd - slot.valueStart < longest, "a field over its limit")
        }
    }
}

extension HTTPServerFault {
    /// 501 and 505 say what the server does not speak (RFC 9110 § 15.6), not that it failed.
    var isOurLimitation: Bool {
        switch self {
        case .methodNotImplemented, .transferCodingNotImplemented, .versionNotSupported: true
        default: false
        }
    }
}

extension FuzzInput {
    /// The limits of the running server, or ones that an input of the engine's size passes.
    mutating func serverConfiguration() -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        guard isOne(in: 2) else { return configuration }
        configuration.requestLine = number(0...48)
        configuration.fieldLine = number(0...32)
        configuration.fieldsTotal = number(0...96)
        configuration.fieldCount = number(0...5)
        configuration.chunkExtensions = number(0...12)
        return configuration
    }
}
