import Domain
import TestRandom
import Testing

/// What a body of CSV comes to, however it is cut.
@Suite struct CSVReaderTests {
    /// `line cell|cell` of each record, or `line fault`.
    private static func records(_ pieces: [ArraySlice<UInt8>], limit: Int = 1000) -> [String] {
        var reader = CSVReader(limit: limit)
        var records: [String] = []
        func take(_ record: CSVReader.Record) {
            switch record.cells {
            case .success(let cells): records.append("\(record.line) \(cells.joined(separator: "|"))")
            case .failure(let fault): records.append("\(record.line) !\(fault.rawValue)")
            }
        }
        for piece in pieces { reader.read(piece, take) }
        reader.finish(take)
        return records
    }

    private static func records(_ text: String, limit: Int = 1000) -> [String] {
        records([Array(text.utf8)[...]], limit: limit)
    }

    @Test(arguments: [
        ("a,b\r\n1,2\r\n", ["1 a|b", "2 1|2"]), ("a,b\n1,2", ["1 a|b", "2 1|2"]), ("a,b\r1,2\r", ["1 a|b", "2 1|2"]),
        ("a;b\n1,5;2", ["1 a|b", "2 1,5|2"]), ("a\tb\n1\t2", ["1 a|b", "2 1|2"]), ("a\n1,2;3", ["1 a", "2 1|2;3"]),
        ("a,b\n\"1,\"\"2\",\"\"\n", ["1 a|b", "2 1,\"2|"]),
        ("a,b\n\"x\ny\",2\n3,4\n", ["1 a|b", "2 x\ny|2", "4 3|4"]),
        ("a,b\r\n\"x\r\ny\r\rz\",2\r\n3,4", ["1 a|b", "2 x\r\ny\r\rz|2", "6 3|4"]),
        ("a,b\n\n\n1,2\n\n", ["1 a|b", "4 1|2"]), ("", []), ("\n\r\n", []), ("a,b\n,\n", ["1 a|b", "2 |"]),
        (" a , b\n 1 ,2 ", ["1  a | b", "2  1 |2 "]),
    ])
    func `sound CSV comes as its records, with the lines they begin on`(_ text: String, _ expected: [String]) {
        #expect(Self.records(text) == expected)
    }

    @Test(arguments: [
        // A quote where none can stand harms its own line only.
        ("a,b\n1,2\"3\n4,5", ["1 a|b", "2 !unexpected_quote", "3 4|5"]),
        ("a,b\n\"1\"2,3\n4,5", ["1 a|b", "2 !unexpected_quote", "3 4|5"]),
        ("a,b\n1, \"2\"\n4,5", ["1 a|b", "2 !unexpected_quote", "3 4|5"]),
        // One that nobody closes does not swallow the rest.
        ("a,b\n\"1,2\n3,4\n5,6", ["1 a|b", "2 !unclosed_quote", "3 3|4", "4 5|6"]),
        ("a,b\r\n\"1,2\r\n\r\n3,4\r\n", ["1 a|b", "2 !unclosed_quote", "4 3|4"]),
        // Closed further down by a quote that opens something there.
        ("a,b\n\"1,2\n\"3\",4\n5,6", ["1 a|b", "2 !unexpected_quote", "3 3|4", "4 5|6"]),
        ("a,b\n\"", ["1 a|b", "2 !unclosed_quote"]), ("a,b\n1,\"2\"\"", ["1 a|b", "2 !unclosed_quote"]),
    ])
    func `a broken record is told on its line and harms no other`(_ text: String, _ expected: [String]) {
        #expect(Self.records(text) == expected)
    }

    @Test func `a record beyond the limit is told on its line`() {
        let long = String(repeating: "x", count: 50)
        #expect(Self.records("a,b\n\(long),2\n3,4", limit: 20) == ["1 a|b", "2 !line_too_long", "3 3|4"])
        #expect(Self.records("a,b\n\"\(long)\",2\n3,4", limit: 20) == ["1 a|b", "2 !line_too_long", "3 3|4"])
        let quoted = "a,b\n\"1,2\n3,4\n\(String(repeating: "5,6\n", count: 10))"
        #expect(Self.records(quoted, limit: 20).prefix(3) == ["1 a|b", "2 !unclosed_quote", "3 3|4"])
    }

    @Test func `what is no UTF-8 is told on its line`() {
        let bytes = Array("a,b\n1,".utf8) + [0xC3, 0x28] + Array("\n3,é\n".utf8)
        #expect(Self.records([bytes[...]]) == ["1 a|b", "2 !invalid_utf8", "3 3|é"])
    }

    @Test func `any cut of any input comes to the same`() {
        var random = SeededGenerator(seed: 10)
        let alphabet = Array("ab,;\t\"\"\"\n\n\r '".utf8) + [0xC3, 0xA9]
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let limit = Int.random(in: 1...40, using: &random)
            var pieces: [ArraySlice<UInt8>] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...7, using: &random))
                pieces.append(bytes[start..<end])
                start = end
            }
            let whole = Self.records([bytes[...]], limit: limit)
            #expect(Self.records(pieces, limit: limit) == whole, "\(String(decoding: bytes, as: UTF8.self)) \(limit)")
            #expect(Self.records(bytes.map { [$0][...] }, limit: limit) == whole)
            let lines = whole.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
            #expect(zip(lines, lines.dropFirst()).allSatisfy { $0 < $1 }, "a line is told twice")
        }
    }

    @Test func `what is written is read again`() {
        var random = SeededGenerator(seed: 11)
        let alphabet = Array("ab,;\t\"\n\r'=+-@ é|")
        for _ in 0..<1000 {
            let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<3).map { _ in
                    let length = Int.random(in: 0...6, using: &random)
                    return String((0..<length).compactMap { _ in alphabet.randomElement(using: &random) })
                }
            }
            var writer = CSVWriter()
            for row in [["a", "b", "c"]] + rows {
                for cell in row { writer.cell(cell) }
                writer.endRecord()
            }
            var reader = CSVReader(limit: 10_000)
            var read: [[String]] = []
            reader.read(writer.take()[...]) { read.append((try? $0.cells.get()) ?? ["?"]) }
            reader.finish { read.append((try? $0.cells.get()) ?? ["?"]) }
            #expect(Array(read.dropFirst()) == rows)
        }
    }
}

/// Lines of either format as they are kept.
@Suite struct ImportReaderTests {
    private static func lines(
        _ format: LeadImport.Format, _ bytes: [UInt8], limit: Int = 1000, piece: Int = 1000
    ) -> [String] {
        var reader = ImportReader(format, lineLimit: limit)
        var lines: [ImportLine] = []
        var start = 0
        while start < bytes.count {
            lines += reader.read(Array(bytes[start..<min(bytes.count, start + piece)]))
            start += piece
        }
        lines += reader.finish()
        return lines.map { "\($0.number) \($0.fault?.rawValue ?? String(decoding: $0.text, as: UTF8.self))" }
    }

    @Test(arguments: [1, 2, 3, 5, 1000])
    func `a byte order mark, blank lines and lines that are too long are seen wherever the cut is`(_ piece: Int) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let long = String(repeating: "y", count: 30)
        let ndjson = mark + Array("{\"a\":1}\r\n\n  \r\n\"\(long)\"\n[2]".utf8)
        #expect(
            Self.lines(.ndjson, ndjson, limit: 20, piece: piece) == ["1 {\"a\":1}\r", "4 line_too_long", "5 [2]"])
        let csv = mark + Array("a,b\r\n\"1\n\",é\r\n,\r\n\(long)\r\n2,\"\"\r\n".utf8)
        #expect(
            Self.lines(.csv, csv, limit: 20, piece: piece) == [
                "2 [\"1\\n\",\"é\"]", "5 line_too_long", "6 [\"2\",\"\"]",
            ])
        #expect(Self.lines(.ndjson, mark, piece: piece) == [])
        #expect(Self.lines(.ndjson, Array(mark.prefix(2)), piece: piece).count == 1)
    }

    @Test func `the first record of CSV is the header, sound or not`() {
        var reader = ImportReader(.csv)
        #expect(reader.header == nil)
        #expect(reader.read(Array("\n name,tags\n".utf8)) == [])
        #expect(reader.header == .success([" name", "tags"]))
        var broken = ImportReader(.csv)
        _ = broken.read(Array("na\"me\nAna\n".utf8))
        #expect(broken.header == .failure(.strayQuote))
        var empty = ImportReader(.csv)
        #expect(empty.finish() == [])
        #expect(empty.header == nil)
    }
}

/// Text that spreadsheets would take for something else.
@Suite struct SpreadsheetTextTests {
    private static let alphabet = Array("=+-@\t\r'1[];, aé\"")

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
        ("'x", "''x"), ("+5511987651001", "+5511987651001"), ("Ana", "Ana"), ("", ""), ("a=b", "a=b"), ("+", "'+"),
    ])
    func `what would be a formula gets an apostrophe`(_ text: String, _ cell: String) {
        #expect(SpreadsheetText.guarded(text) == cell)
        #expect(SpreadsheetText.plain(cell) == text)
    }

    @Test func `an apostrophe that somebody typed before a word stays`() {
        #expect(SpreadsheetText.plain("'n Roses") == "'n Roses")
    }

    @Test func `every text and every list comes back as it was`() {
        var random = SeededGenerator(seed: 12)
        func text() -> String {
            String(
                (0..<Int.random(in: 1...5, using: &random)).compactMap { _ in
                    Self.alphabet.randomElement(using: &random)
                })
        }
        for _ in 0..<3000 {
            let one = text()
            #expect(SpreadsheetText.plain(SpreadsheetText.guarded(one)) == one)
            let list = (0..<Int.random(in: 0...3, using: &random)).map { _ in text() }
            let cell = SpreadsheetText.guarded(SpreadsheetText.list(list))
            #expect(SpreadsheetText.texts(SpreadsheetText.plain(cell)) == list, "\(list) as \(cell)")
        }
    }

    @Test func `a list that people write has blanks around its words`() {
        #expect(SpreadsheetText.texts("vip; novo ;;raro") == ["vip", "novo", "raro"])
        #expect(SpreadsheetText.texts("[vip") == ["[vip"])
    }
}
