import Testing

@testable import HTTP

/// Every octet in every place where two parsers could disagree on it, against lists that the parser does not know.
@Suite struct ParserSweepTests {
    private static let alphanumeric = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
    /// RFC 9110 § 5.6.2.
    private static let token = alphanumeric.union("!#$%&'*+-.^_`|~".utf8)
    private static let blanks: Set<UInt8> = [0x20, 0x09]
    /// RFC 9110 § 5.5: VCHAR, obs-text, and blanks between them.
    private static let value = blanks.union(0x21...0x7E).union(0x80...0xFF)
    private static let digits = Set("0123456789".utf8)
    private static let hexadecimal = Set("0123456789abcdefABCDEF".utf8)

    private struct Outcome {
        var fault: HTTPServerFault?
        var head: HTTPRequestHead?
        var body: String?
        var ends: Int
    }

    private static func outcome(_ before: String, _ octet: UInt8, _ after: String) -> Outcome {
        let trace = ParserTrace(feeding: [(Array(before.utf8) + [octet] + Array(after.utf8))[...]])
        return Outcome(fault: trace.fault, head: trace.heads.first, body: trace.bodies.first, ends: trace.ends)
    }

    @Test func `an octet in a field's name is a token's or refused (RFC 9112 § 5.1)`() {
        for octet in 0...UInt8.max {
            let outcome = Self.outcome("GET / HTTP/1.1\r\nHost: a\r\nX", octet, "Y: z\r\n\r\n")
            // A colon ends the name.
            let passes = Self.token.contains(octet) || octet == UInt8(ascii: ":")
            #expect((outcome.fault == nil) == passes, "\(octet)")
            #expect(outcome.ends == (passes ? 1 : 0), "\(octet)")
        }
    }

    @Test func `an octet in a field's value is visible, a blank, or refused (RFC 9110 § 5.5)`() {
        for octet in 0...UInt8.max {
            let outcome = Self.outcome("GET / HTTP/1.1\r\nHost: a\r\nX: y", octet, "z\r\n\r\n")
            #expect((outcome.fault == nil) == Self.value.contains(octet), "\(octet)")
        }
    }

    @Test func `an octet in a target is a URI's or refused (RFC 9112 § 3.2, RFC 3986 § 2)`() {
        for octet in 0...UInt8.max {
            let outcome = Self.outcome("GET /x", octet, "y HTTP/1.1\r\nHost: a\r\n\r\n")
            // Braces, bars, carets and brackets come from browsers.
            let passes = (0x21...0x7E).contains(octet) && !"\"#<>\\`".utf8.contains(octet)
            #expect((outcome.fault == nil) == passes, "\(octet)")
        }
    }

    @Test func `an octet in a method is a token's, and then the method another (RFC 9112 § 3.1)`() {
        for octet in 0...UInt8.max {
            let fault = Self.outcome("GET", octet, " / HTTP/1.1\r\nHost: a\r\n\r\n").fault
            if octet == 0x20 {
                #expect(fault == .badRequest(.requestLine), "\(octet)")
            } else if octet == 0x0A {
                #expect(fault == .badRequest(.lineEnding), "\(octet)")
            } else {
                #expect(
                    fault == (Self.token.contains(octet) ? .methodNotImplemented : .badRequest(.method)), "\(octet)")
            }
        }
    }

    @Test func `an octet beside chunked is a blank or refused (RFC 9112 § 6.1)`() {
        for octet in 0...UInt8.max {
            for (before, after) in [("", "chunked"), ("chunked", ""), ("chun", "ked")] {
                let outcome = Self.outcome(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(before)", octet,
                    "\(after)\r\n\r\n1\r\na\r\n0\r\n\r\n")
                let passes = Self.blanks.contains(octet) && (before.isEmpty || after.isEmpty)
                #expect((outcome.fault == nil) == passes, "\(octet) in \(before)|\(after)")
                #expect(outcome.body == (passes ? "a" : nil))
            }
        }
    }

    @Test func `an octet in the name Transfer-Encoding makes another name or is refused (RFC 9112 § 5.1)`() {
        for octet in 0...UInt8.max {
            for (before, after) in [("", "Transfer-Encoding"), ("Transfer-Encoding", ""), ("Transfer", "Encoding")] {
                let outcome = Self.outcome(
                    "POST / HTTP/1.1\r\nHost: a\r\n\(before)", octet, "\(after): chunked\r\n\r\n")
                if before == "Transfer", octet == UInt8(ascii: "-") {
                    #expect(outcome.head?.bodyLength == .chunked, "\(octet)")
                } else if Self.token.contains(octet) || (octet == UInt8(ascii: ":") && before == "Transfer") {
                    #expect(
                        outcome.fault == nil && outcome.head?.bodyLength == HTTPRequestHead.BodyLength.none, "\(octet)")
                } else {
                    #expect(outcome.fault != nil && outcome.ends == 0, "\(octet) in \(before)|\(after)")
                }
            }
        }
    }

    @Test func `an octet beside a length is a digit, a blank, or refused (RFC 9110 § 8.6)`() {
        for octet in 0...UInt8.max {
            for (before, after) in [("", "1"), ("1", "")] {
                let outcome = Self.outcome(
                    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(before)", octet, "\(after)\r\n\r\n")
                if Self.digits.contains(octet) {
                    let text = before + String(UnicodeScalar(octet)) + after
                    #expect(outcome.head?.bodyLength == Int(text).map { .known($0) }, "\(octet)")
                } else if Self.blanks.contains(octet) {
                    #expect(outcome.head?.bodyLength == .known(1), "\(octet)")
                } else {
                    #expect(outcome.fault != nil && outcome.ends == 0, "\(octet)")
                }
            }
        }
    }

    @Test func `an octet beside a chunk's size is a digit or refused (RFC 9112 § 7.1)`() {
        for octet in 0...UInt8.max {
            for (before, after) in [("", "1"), ("1", "")] {
                let outcome = Self.outcome(
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(before)", octet,
                    "\(after)\r\n0123456789abcdef\r\n0\r\n\r\n")
                guard Self.hexadecimal.contains(octet) else {
                    #expect(outcome.fault != nil && outcome.ends == 0, "\(octet)")
                    continue
                }
                let size = Int(before + String(UnicodeScalar(octet)) + after, radix: 16)
                #expect((outcome.ends == 1) == (size == 16), "\(octet)")
            }
        }
    }

    @Test func `an octet in a host is a name's, a mark before a port, or refused (RFC 9112 § 3.2)`() {
        for octet in 0...UInt8.max {
            let outcome = Self.outcome("GET / HTTP/1.1\r\nHost: a", octet, "1\r\n\r\n")
            let passes = Self.alphanumeric.union("-._~:".utf8).contains(octet)
            #expect((outcome.fault == nil) == passes, "\(octet)")
        }
    }

    @Test func `an octet after a line is its end or refused (RFC 9112 § 2.2)`() {
        for octet in 0...UInt8.max {
            for text in ["GET / HTTP/1.1", "GET / HTTP/1.1\r\nHost: a"] {
                let outcome = Self.outcome(text + "\r", octet, text.contains("Host") ? "\r\n" : "Host: a\r\n\r\n")
                #expect((outcome.fault == nil) == (octet == 0x0A), "\(octet)")
            }
        }
    }
}
