import EventLoop
import Testing

@testable import HTTP

@Suite struct TypesTests {
    @Test func `field names compare without case and keep their order`() {
        var fields: HTTPFields = ["Accept": "a", "X-Id": "1", "accept": "b"]
        #expect(fields["ACCEPT"] == "a")
        #expect(fields.all("Accept") == ["a", "b"])
        fields["aCCEPT"] = "c"
        #expect(fields.map(\.name) == ["X-Id", "aCCEPT"])
        fields["x-id"] = nil
        #expect(fields.count == 1)
        #expect(fields == ["accept": "c"])
        #expect(fields != ["accept": "C"])
    }

    @Test(arguments: ["a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\u{0}b", "\u{1B}[2J", "a\u{7F}"])
    func `a value that could end its line is refused`(_ value: String) {
        var fields: HTTPFields = ["Location": "/"]
        let isTaken = fields.append("X", value)
        #expect(!isTaken)
        fields["Location"] = value
        #expect(fields == ["Location": "/"])
    }

    @Test(arguments: ["", "a b", "a:", "a\r", "é", "a(b"])
    func `a name that is no token is refused`(_ name: String) {
        var fields = HTTPFields()
        let isTaken = fields.append(name, "1")
        #expect(!isTaken)
        #expect(fields.isEmpty)
        #expect(HTTPMethod(rawValue: name) == nil)
    }

    @Test func `values lose the blanks around them`() {
        var fields = HTTPFields()
        fields.append("X", " \t a b\t ")
        #expect(fields["X"] == "a b")
    }

    @Test func `a value is judged alike whatever its octets stand next to`() {
        for octet in UInt8.min...UInt8.max {
            for (length, place) in (1...19).flatMap({ length in (0..<length).map { (length, $0) } }) {
                var octets = [UInt8](repeating: 0x61, count: length)
                octets[place] = octet
                let isSound = octets.withUnsafeBufferPointer { $0.isFieldValue }
                #expect(isSound == octet.isFieldValueOctet, "\(octet) at \(place) of \(length)")
            }
        }
    }

    @Test func `setting a field again with what is no value leaves the first`() {
        var fields: HTTPFields = ["X-Name": "one"]
        fields["x-name"] = "two\r\nX-Other: three"
        #expect(fields["X-Name"] == "one")
        #expect(fields.count == 1)
        fields["x-name"] = "two"
        #expect(fields.all("X-Name") == ["two"])
    }

    @Test func `tokens are those of RFC 9110`() {
        let tokens = (UInt8.min...UInt8.max).filter(\.isTokenCharacter)
        let expected = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        #expect(tokens == expected.utf8.sorted())
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `dates are written as RFC 9110 wants them`(_ second: Int64, _ text: String) {
        #expect(DateField.format(second: second) == text)
    }

    @Test func `the date line changes with the second`() {
        var field = DateField()
        let lines = [1_000_000, 1_999_999, 2_000_000].map { field.line(microseconds: $0) }
        #expect(lines[0] == lines[1])
        #expect(lines[1] != lines[2])
    }

    @Test func `every fault has a status, and every malformation a section and a code of its own`() {
        #expect(HTTPServerFault.contentTooLarge(limit: 1).status == .contentTooLarge)
        #expect(HTTPServerFault.uriTooLong(limit: 1).status.code == 414)
        #expect(MalformedRequest.allCases.allSatisfy { $0.section.hasPrefix("RFC 911") })
        #expect(Set(MalformedRequest.allCases.map(\.rawValue)).count == MalformedRequest.allCases.count)
    }
}
