import Domain
import JSON
import Postgres

/// How a row is told in JSON: its members in their order, each from a column.
///
/// PostgreSQL's text of a field goes into the JSON as it is. A list is mostly such text, and making values of it in
/// between would cost several times what writing it does.
package struct RowShape<Column: RawRepresentable>: Sendable where Column.RawValue == Int {
    /// One member, or an object of several.
    package struct Member: Sendable {
        fileprivate let steps: [Step]

        private init(_ steps: [Step]) { self.steps = steps }

        private init(_ key: StaticString, _ column: Column, _ form: Step.Form) {
            steps = [Step(key: key, column: column.rawValue, form: form)]
        }

        /// A number, or a value of `jsonb`.
        package static func literal(_ key: StaticString, _ column: Column) -> Member { Member(key, column, .literal) }
        package static func text(_ key: StaticString, _ column: Column) -> Member { Member(key, column, .text) }
        /// An array of texts.
        package static func texts(_ key: StaticString, _ column: Column) -> Member { Member(key, column, .texts) }
        package static func boolean(_ key: StaticString, _ column: Column) -> Member { Member(key, column, .boolean) }
        /// RFC 3339 in UTC with milliseconds.
        package static func instant(_ key: StaticString, _ column: Column) -> Member { Member(key, column, .instant) }

        /// An integer of minor units, as a number of units of the currency that stands in another column.
        package static func money(_ key: StaticString, _ column: Column, currency: Column) -> Member {
            Member(key, column, .money(currency: currency.rawValue))
        }

        /// - Parameter column: null if there is no such object.
        package static func object(_ key: StaticString, _ column: Column, _ members: [Member]) -> Member {
            let inner = members.flatMap(\.steps)
            let begin = Step(key: key, column: column.rawValue, form: .beginObject(steps: inner.count + 1))
            return Member([begin] + inner + [Step(key: "", column: column.rawValue, form: .endObject)])
        }
    }

    private let steps: [Step]
    /// What all but the fields' own texts takes at most, in bytes.
    private let frame: Int
    /// How many columns stand before the end of the last that it reads.
    private let width: Int

    package init(_ members: [Member]) {
        steps = members.flatMap(\.steps)
        frame = steps.reduce(0) { $0 + $1.frame }
        width = steps.reduce(0) { max($0, $1.width) }
    }

    /// Writes the members; the object around them is the caller's, who may have more to tell in it.
    func write(_ row: PostgresRow, to json: inout JSONWriter) {
        row.withFields { fields in
            withUnsafeTemporaryAllocation(of: UnsafeBufferPointer<UInt8>?.self, capacity: width) { texts in
                for column in texts.indices { texts.initializeElement(at: column, to: fields[column]) }
                steps.withUnsafeBufferPointer { steps in
                    let room = steps.reduce(frame) { $0 + $1.room(texts) }
                    json.write(atMost: room) { Step.write(steps, texts, with: &$0) }
                }
            }
        }
    }
}

/// What a shape does next. Plain memory: a list passes here with each field of each row, and counting references would
/// cost more than the writing.
private struct Step: Sendable {
    enum Form: Sendable {
        case literal
        case text
        case texts
        case boolean
        case instant
        case money(currency: Int)
        /// - Parameter steps: how many to leave out if its column is null.
        case beginObject(steps: Int)
        case endObject
    }

    let key: StaticString
    let column: Int
    let form: Form

    /// One more than the highest column that it reads.
    var width: Int {
        guard case .money(let currency) = form else { return column + 1 }
        return max(column, currency) + 1
    }

    /// What it takes beside its field's own text, in bytes.
    var frame: Int { JSONPen.room(forKey: key) + JSONPen.roomForField(of: 0) }

    /// What its field's own text takes.
    func room(_ texts: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>?>) -> Int {
        let count = texts[column]?.count ?? 0
        if case .literal = form { return count }
        return JSONPen.roomForField(of: count) - JSONPen.roomForField(of: 0)
    }

    static func write(
        _ steps: UnsafeBufferPointer<Step>, _ texts: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>?>,
        with pen: inout JSONPen
    ) {
        var index = 0
        while index < steps.count {
            let step = steps[index]
            index += 1
            if case .endObject = step.form {
                pen.endObject()
                continue
            }
            pen.key(step.key)
            guard let text = texts[step.column] else {
                pen.null()
                if case .beginObject(let count) = step.form { index += count }
                continue
            }
            switch step.form {
            case .literal: pen.raw(text)
            case .text: pen.string(utf8: text)
            case .texts: pen.texts(text)
            case .boolean: pen.bool(text.first == UInt8(ascii: "t"))
            case .instant: pen.instant(text)
            case .money(let currency): pen.money(text, currency: texts[currency])
            case .beginObject: pen.beginObject()
            case .endObject: break
            }
        }
    }
}
