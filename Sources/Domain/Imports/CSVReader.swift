/// Reads CSV (RFC 4180) as it arrives, cut anywhere, a record at a time.
///
/// What separates the cells is the first comma, semicolon or tab of the header. A record that is broken harms no other:
/// reading goes on behind the first line of it, so that a quote that nobody closed does not swallow what follows.
package struct CSVReader: Sendable {
    package struct Record: Sendable, Hashable {
        /// The line that it begins on, from 1, as an editor counts.
        package let line: Int
        package let cells: Result<[String], ImportLine.Fault>

        package init(line: Int, cells: Result<[String], ImportLine.Fault>) {
            self.line = line
            self.cells = cells
        }
    }

    private enum State {
        /// Nothing of the cell has been read.
        case cellStart
        case unquoted
        case quoted
        /// Behind a quote that ends the cell, unless another one follows.
        case closing
        /// In the rest of a line that is told as broken.
        case skipping
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let delimiters = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// Bytes of one record.
    private let limit: Int
    private var delimiter: UInt8?
    /// From `start` on it is what has come of the record that is being read.
    private var buffer: [UInt8] = []
    private var start = 0
    private var position = 0
    private var state = State.cellStart
    private var cells: [[UInt8]] = []
    private var cell: [UInt8] = []
    private var line = 1
    /// Of the record's further lines, which only quotes can hold.
    private var lineEnds = 0
    private var firstLineEnd: Int?
    /// A line feed that comes next belongs to the carriage return before it.
    private var skipsLineFeed = false
    private var isBehindReturn = false

    package init(limit: Int) { self.limit = limit }

    package mutating func read(_ bytes: ArraySlice<UInt8>, _ take: (Record) -> Void) {
        buffer += bytes
        scan(take)
        buffer.removeFirst(start)
        position -= start
        firstLineEnd = firstLineEnd.map { $0 - start }
        start = 0
    }

    /// The last record need not end with a line break.
    package mutating func finish(_ take: (Record) -> Void) {
        while state == .quoted {
            refuse(.unclosedQuote, take)
            scan(take)
        }
        if state != .skipping { endRecord(take) }
    }

    private mutating func scan(_ take: (Record) -> Void) {
        while position < buffer.count {
            let byte = buffer[position]
            if skipsLineFeed {
                skipsLineFeed = false
                if byte == Self.lineFeed {
                    position += 1
                    start = position
                    continue
                }
            }
            guard state == .skipping || position - start < limit else {
                refuse(firstLineEnd == nil ? .tooLong : .unclosedQuote, take)
                continue
            }
            position += 1
            step(byte, take)
        }
    }

    private mutating func step(_ byte: UInt8, _ take: (Record) -> Void) {
        let isLineEnd = byte == Self.lineFeed || byte == Self.carriageReturn
        switch state {
        case .skipping:
            start = position
            guard isLineEnd else { return }
            line += 1
            state = .cellStart
            skipsLineFeed = byte == Self.carriageReturn
        case .quoted:
            if byte == Self.quote {
                state = .closing
            } else {
                cell.append(byte)
                countLineEnd(byte)
            }
        case .closing where byte == Self.quote:
            cell.append(byte)
            state = .quoted
            isBehindReturn = false
        case .cellStart where byte == Self.quote: state = .quoted
        case .unquoted where byte == Self.quote: refuse(.strayQuote, take)
        case _ where isLineEnd:
            endRecord(take)
            skipsLineFeed = byte == Self.carriageReturn
        case _ where isDelimiter(byte):
            endCell()
            state = .cellStart
        case .closing: refuse(.strayQuote, take)
        case .cellStart, .unquoted:
            cell.append(byte)
            state = .unquoted
        }
    }

    private mutating func isDelimiter(_ byte: UInt8) -> Bool {
        if let delimiter { return byte == delimiter }
        guard Self.delimiters.contains(byte) else { return false }
        delimiter = byte
        return true
    }

    private mutating func countLineEnd(_ byte: UInt8) {
        let isSecondHalf = byte == Self.lineFeed && isBehindReturn
        isBehindReturn = byte == Self.carriageReturn
        guard byte == Self.lineFeed || byte == Self.carriageReturn, !isSecondHalf else { return }
        lineEnds += 1
        firstLineEnd = firstLineEnd ?? position
    }

    private mutating func endCell() {
        cells.append(cell)
        cell = []
    }

    private mutating func endRecord(_ take: (Record) -> Void) {
        // A line without anything is no record.
        if state != .cellStart || !cells.isEmpty {
            endCell()
            let texts = cells.compactMap { String(validating: $0, as: UTF8.self) }
            take(Record(line: line, cells: texts.count == cells.count ? .success(texts) : .failure(.invalidUTF8)))
            // Without a mark in the header there is one column, and marks further down are text.
            delimiter = delimiter ?? Self.delimiters[0]
        }
        beginRecord(at: position, line: line + lineEnds + 1)
    }

    /// Tells the record as broken, and goes on behind its first line.
    private mutating func refuse(_ fault: ImportLine.Fault, _ take: (Record) -> Void) {
        take(Record(line: line, cells: .failure(fault)))
        guard let next = firstLineEnd else {
            beginRecord(at: position, line: line)
            state = .skipping
            return
        }
        let isBehindReturn = buffer[next - 1] == Self.carriageReturn
        beginRecord(at: next, line: line + 1)
        skipsLineFeed = isBehindReturn
    }

    private mutating func beginRecord(at index: Int, line: Int) {
        (start, position, self.line) = (index, index, line)
        (state, lineEnds, firstLineEnd, isBehindReturn) = (.cellStart, 0, nil, false)
        (cells, cell) = ([], [])
    }
}
