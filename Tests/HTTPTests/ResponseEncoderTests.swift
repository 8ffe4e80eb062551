import Testing

@testable import HTTP

@Suite struct ResponseEncoderTests {
    private static let date = Array("Date: now\r\n".utf8)

    private static func wire(_ response: HTTPResponse, in buffer: OutputBuffer = OutputBuffer()) -> String {
        let encoder = ResponseEncoder(context: ResponseEncoder.Context(), date: date)
        return String(decoding: encoder.encode(response, into: buffer), as: UTF8.self)
    }

    @Test(arguments: [0, 7, 10, 99, 100, 1_000, 123_456])
    func `the length is the body's`(_ count: Int) {
        let body = String(repeating: "x", count: count)
        #expect(
            Self.wire(HTTPResponse(body: .text(body)))
                == "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: \(count)\r\n\r\n\(body)")
    }

    @Test(arguments: [("req_1", "X-Request-Id: req_1\r\n"), ("a\r\nSet-Cookie: b", ""), ("a\nb", "")])
    func `the request's name stands beside the fields, and writes none of its own`(_ name: String, _ line: String) {
        var response = HTTPResponse(fields: ["A": "b"])
        response.requestID = name
        #expect(Self.wire(response) == "HTTP/1.1 200 OK\r\nDate: now\r\nA: b\r\n\(line)Content-Length: 0\r\n\r\n")
    }

    @Test func `many fields and a long status line find room`() {
        var fields = HTTPFields()
        for number in 0..<500 { fields.append("X-\(number)", String(repeating: "v", count: number)) }
        let wire = Self.wire(HTTPResponse(status: .requestHeaderFieldsTooLarge, fields: fields, body: .text("end")))
        #expect(wire.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\nDate: now\r\nX-0: \r\nX-1: v\r\n"))
        #expect(wire.hasSuffix("X-499: \(String(repeating: "v", count: 499))\r\nContent-Length: 3\r\n\r\nend"))
    }

    @Test func `the memory of one large response is not kept for the small ones after it`() {
        let buffer = OutputBuffer()
        _ = Self.wire(HTTPResponse(body: .bytes([UInt8](repeating: 0x78, count: 1 << 20))), in: buffer)
        let small = Self.wire(HTTPResponse(body: .text("a")), in: buffer)
        #expect(small.hasSuffix("\r\n\r\na"))
        #expect(buffer.memory(for: 1).count < 1 << 20)
    }
}
