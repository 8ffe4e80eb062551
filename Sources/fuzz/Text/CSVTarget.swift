import Domain

extension FuzzTarget {
    /// CSV and the lines of imports: however the input is cut it comes to the same lines, each told once and in order;
    /// what is written is read again.
    static let csv = FuzzTarget(
        name: "csv",
        seeds: [
            "name,phone\r\nAna,+5511987651001\r\n",
            "a;b\n\"x\"\"y\",\"1\n2\"\n", "a,b\n\"1,2\n3,4\n", "a\n1\"2\n\"3\"4\n5",
            "\u{FEFF}{\"name\":\"Ana\"}\n\n[1]\r\n", "a\tb\r1\t2\r\r\n\"\"\t",
        ],
        words: ["\r\n", "\"\"", "\",\"", "\"\n\"", "\u{FEFF}", ";", "\t", "'=", "+55", "[\""]
    ) { input in
        let limit = input.one(of: [1, 7, 64, 1 << 20])
        let octets = input.stretched()
        let pieces = input.pieces(octets)
        for format in LeadImport.Format.allCases {
            let whole = lines(format, [octets[...]], limit)
            claim(lines(format, pieces, limit) == whole, "\(format) comes otherwise in pieces")
            let numbers = whole.map(\.number)
            claim(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "\(format) tells a line twice")
            for line in whole { claim(!line.text.contains(0x0A), "line \(line.number) is two") }
        }
        let text = input.text
        claim(SpreadsheetText.plain(SpreadsheetText.guarded(text)) == text, "a text comes back otherwise")
        var writer = CSVWriter()
        for cell in ["a", "b", text, ""] { writer.cell(cell) }
        writer.endRecord()
        var reader = CSVReader(limit: .max)
        var records: [CSVReader.Record] = []
        // The header says that commas separate.
        reader.read((Array("a,b,c,d\r\n".utf8) + writer.take())[...]) { records.append($0) }
        reader.finish { records.append($0) }
        claim(records.map(\.cells) == [.success(["a", "b", "c", "d"]), .success(["a", "b", text, ""])], "\(records)")
    }

    private static func lines(
        _ format: LeadImport.Format, _ pieces: [ArraySlice<UInt8>], _ limit: Int
    ) -> [ImportLine] {
        var reader = ImportReader(format, lineLimit: limit)
        var lines: [ImportLine] = []
        for piece in pieces { lines += reader.read(Array(piece)) }
        return lines + reader.finish()
    }
}
