import JSON

/// Cuts the body of an import into lines as it arrives; cut anywhere it comes to the same lines.
package struct ImportReader: Sendable {
    /// As long as the body of a single lead may be.
    package static let lineLimit = 1024 * 1024

    private enum Body {
        case ndjson(NDJSONReader)
        case csv(CSVReader)
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var body: Body
    /// What may yet become a byte order mark; nil once that is known.
    private var mark: [UInt8]? = []
    /// The first record of CSV, which names the columns.
    package private(set) var header: Result<[String], ImportLine.Fault>?

    package init(_ format: LeadImport.Format, lineLimit: Int = lineLimit) {
        switch format {
        case .ndjson: body = .ndjson(NDJSONReader(limit: lineLimit))
        case .csv: body = .csv(CSVReader(limit: lineLimit))
        }
    }

    package mutating func read(_ bytes: [UInt8]) -> [ImportLine] {
        guard let mark else { return split(bytes[...]) }
        let beginning = mark + bytes
        let isMark = zip(beginning, Self.byteOrderMark).allSatisfy { $0 == $1 }
        if isMark, beginning.count < Self.byteOrderMark.count {
            self.mark = beginning
            return []
        }
        self.mark = nil
        return split(isMark ? beginning[Self.byteOrderMark.count...] : beginning[...])
    }

    /// The last line need not end with a line break.
    package mutating func finish() -> [ImportLine] {
        var lines: [ImportLine] = []
        if let mark, !mark.isEmpty { lines += split(mark[...]) }
        mark = nil
        switch body {
        case .ndjson(var reader):
            reader.finish { lines.append($0) }
            body = .ndjson(reader)
        case .csv(var reader):
            var records: [CSVReader.Record] = []
            reader.finish { records.append($0) }
            body = .csv(reader)
            lines += self.lines(records)
        }
        return lines
    }

    private mutating func split(_ bytes: ArraySlice<UInt8>) -> [ImportLine] {
        switch body {
        case .ndjson(var reader):
            var lines: [ImportLine] = []
            // One owner at a time, so that its buffer is not copied.
            body = .ndjson(NDJSONReader(limit: 0))
            reader.read(bytes) { lines.append($0) }
            body = .ndjson(reader)
            return lines
        case .csv(var reader):
            var records: [CSVReader.Record] = []
            body = .csv(CSVReader(limit: 0))
            reader.read(bytes) { records.append($0) }
            body = .csv(reader)
            return lines(records)
        }
    }

    private mutating func lines(_ records: [CSVReader.Record]) -> [ImportLine] {
        var records = records[...]
        if header == nil { header = records.popFirst()?.cells }
        return records.compactMap { record in
            switch record.cells {
            case .failure(let fault): return ImportLine(number: record.line, text: [], fault: fault)
            case .success(let cells):
                // Spreadsheets write the cells of rows that are not there.
                guard cells.contains(where: { !$0.isEmpty }) else { return nil }
                return ImportLine(
                    number: record.line, text: JSONValue.array(cells.map { .string($0) }).serialized())
            }
        }
    }
}

/// Lines of JSON texts, with those left out that hold nothing.
private struct NDJSONReader: Sendable {
    private let limit: Int
    private var line: [UInt8] = []
    private var number = 1
    private var isTooLong = false

    init(limit: Int) { self.limit = limit }

    mutating func read(_ bytes: ArraySlice<UInt8>, _ take: (ImportLine) -> Void) {
        var rest = bytes
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            append(rest[..<end])
            endLine(take)
            rest = rest[(end + 1)...]
        }
        append(rest)
    }

    mutating func finish(_ take: (ImportLine) -> Void) { endLine(take) }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong else { return }
        line += bytes
        guard line.count > limit else { return }
        isTooLong = true
        line = []
    }

    private mutating func endLine(_ take: (ImportLine) -> Void) {
        if isTooLong {
            take(ImportLine(number: number, text: [], fault: .tooLong))
        } else if line.contains(where: { !Self.isBlank($0) }) {
            take(ImportLine(number: number, text: line))
        }
        (line, isTooLong) = ([], false)
        number += 1
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
