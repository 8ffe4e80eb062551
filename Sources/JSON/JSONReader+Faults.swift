/// One level of the way from the root to the cursor.
enum PathStep {
    case index(Int)
    /// Where the member's key stands, quotes included: it is decoded only if a fault needs its name.
    case key(Int, Int)
    /// Inside the container, in none of its values.
    case between
}

/// A fault before its line and column are counted.
struct FaultRecord {
    let code: JSONFault.Code
    let offset: Int
    let pointer: String
}

extension JSONReader {
    /// Records a fault after which reading can go on, unless there are too many.
    mutating func note(_ code: JSONFault.Code, at offset: Int) throws(Halt) {
        found.append(FaultRecord(code: code, offset: offset, pointer: pointer))
        if found.count >= JSONFaults.maximumCount { throw Halt() }
    }

    /// Records the fault that ends the reading.
    mutating func halt(_ code: JSONFault.Code, at offset: Int) -> Halt {
        found.append(FaultRecord(code: code, offset: offset, pointer: pointer))
        return Halt()
    }

    /// Where the cursor stands; keys too long to repeat a hundred times end it at the value that holds them.
    private var pointer: String {
        var pointer = ""
        for step in path where pointer.utf8.count <= Self.longestPointer {
            switch step {
            case .index(let index): pointer = JSONPointer.appending(index, to: pointer)
            case .key(let start, let end):
                if end - start > Self.longestKey { return pointer }
                pointer = JSONPointer.appending(key(from: start, to: end), to: pointer)
            case .between: break
            }
        }
        return pointer
    }

    private static let longestKey = 1024
    private static let longestPointer = 4096

    private func key(from start: Int, to end: Int) -> String {
        var reader = JSONReader(base: base + start, count: end - start, maximumDepth: 0)
        do throws(Halt) { return try reader.readString() } catch { return "" }
    }

    /// The faults in order, with lines and columns counted in one pass.
    func located() -> [JSONFault] {
        var line = 1
        var lineStart = 0
        var scanned = 0
        return found.sorted { $0.offset < $1.offset }.map { record in
            while scanned < record.offset {
                if base[scanned] == 0x0A {
                    line += 1
                    lineStart = scanned + 1
                }
                scanned += 1
            }
            return JSONFault(
                code: record.code, offset: record.offset, line: line, column: record.offset - lineStart + 1,
                pointer: record.pointer)
        }
    }
}
