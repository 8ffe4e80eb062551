/// A value beside an event; only strings pass through the redactor.
package enum LogField: Sendable, Equatable {
    case int(Int64)
    case double(Double)
    case bool(Bool)
    case string(String)

    package static func int(_ value: Int) -> LogField { .int(Int64(value)) }
}

extension LogField: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self = .int(value) }
}

extension LogField: ExpressibleByFloatLiteral {
    package init(floatLiteral value: Double) { self = .double(value) }
}

extension LogField: ExpressibleByBooleanLiteral {
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension LogField: ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self = .string(value) }
}

/// Fields in the order in which they were given, one of each name.
package struct LogFields: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    struct Entry: Sendable, Equatable {
        let name: String
        var value: LogField
    }

    private(set) var entries: [Entry] = []

    package init(dictionaryLiteral fields: (String, LogField)...) {
        for (name, value) in fields { self[name] = value }
    }

    package subscript(_ name: String) -> LogField? {
        get { entries.first { $0.name == name }?.value }
        set {
            let index = entries.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): entries[index].value = value
            case (let index?, nil): entries.remove(at: index)
            case (nil, let value?): entries.append(Entry(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// These fields and the other ones, which win where both have a name.
    func merging(_ other: LogFields) -> LogFields {
        var merged = self
        for entry in other.entries { merged[entry.name] = entry.value }
        return merged
    }
}
