import Foundation

/// Rows under their titles, as Markdown, so that the README can take them over as printed.
enum Table {
    static func text(_ rows: [Row]) -> String {
        let lines = [Row.titles] + rows.map(\.cells)
        let widths = Row.titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        let rule = "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|"
        return ([line(lines[0]), rule] + lines.dropFirst().map(line)).joined(separator: "\n")
    }
}
