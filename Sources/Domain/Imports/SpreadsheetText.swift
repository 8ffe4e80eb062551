import JSON

/// Text as it stands in the cells of a spreadsheet.
///
/// A program that opens CSV takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula,
/// whatever the quotes (OWASP, "CSV Injection"). Such a text gets an apostrophe in front, and so does one that begins with
/// an apostrophe, so that taking one off gives back every text as it was. A plus and digits alone are a number.
package enum SpreadsheetText {
    private static let marks = Set("=+-@\t\r'".utf8)

    package static func guarded(_ text: String) -> String {
        guard let first = text.utf8.first, marks.contains(first) else { return text }
        let rest = text.utf8.dropFirst()
        if first == UInt8(ascii: "+"), !rest.isEmpty, rest.allSatisfy({ (0x30...0x39).contains($0) }) { return text }
        return "'" + text
    }

    package static func plain(_ cell: String) -> String {
        guard cell.utf8.first == UInt8(ascii: "'"), let next = cell.utf8.dropFirst().first, marks.contains(next) else {
            return cell
        }
        return String(cell.unicodeScalars.dropFirst())
    }

    /// Several texts in one cell, with semicolons between; as a JSON array where that could be read otherwise.
    package static func list(_ texts: [String]) -> String {
        let isPlain = texts.allSatisfy { text in
            !text.utf8.contains(UInt8(ascii: ";")) && text.first?.isWhitespace == false
                && text.last?.isWhitespace == false
        }
        guard isPlain, texts.first?.utf8.first != UInt8(ascii: "[") else {
            return texts.isEmpty
                ? "" : String(decoding: JSONValue.array(texts.map { .string($0) }).serialized(), as: UTF8.self)
        }
        return texts.joined(separator: ";")
    }

    package static func texts(_ cell: String) -> [String] {
        if cell.utf8.first == UInt8(ascii: "["), let array = (try? JSONParser.parse(Array(cell.utf8)))?.array {
            let texts = array.compactMap(\.string)
            if texts.count == array.count { return texts }
        }
        return cell.split(separator: ";").map { part in
            String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
    }
}
