package import JSON

/// The custom fields of one account, which judge the values that a lead is given.
package struct CustomFieldSchema: Sendable {
    /// The longest text, in Unicode scalars.
    package static let textLimit = 5_000
    /// More fields than anybody fills in; what one judgement costs stays small.
    package static let fieldLimit = 200

    package let fields: [CustomField]
    /// How many decimals an amount may have.
    private let decimals: Int

    /// - Parameter currency: the account's, ISO 4217: amounts are in it.
    package init(_ fields: [CustomField], currency: String) {
        self.fields = fields
        decimals = Currency.decimals(of: currency)
    }

    /// What a body's values come to.
    package struct Judgement: Sendable {
        /// The values to keep, typed; null takes one away.
        package var values = JSONObject([])
        /// Everything that is wrong, in the order of the body, then of the fields that are missing.
        package var faults: [CustomFieldFault] = []
        /// Keys of no field, which a lenient caller has ignored.
        package var ignored: [String] = []
    }

    /// Judges the values under `custom_fields` of a body.
    ///
    /// - Parameters:
    ///   - isNew: the lead is made with them, so that every required field must be among them.
    ///   - lenient: unknown keys are ignored and told, not refused.
    package func check(_ given: JSONObject, isNew: Bool, lenient: Bool) -> Judgement {
        var judgement = Judgement()
        let byName = Dictionary(fields.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        for member in given.members {
            guard let field = byName[member.key] else {
                if lenient {
                    judgement.ignored.append(member.key)
                } else {
                    judgement.faults.append(.init(member.key, .unknown))
                }
                continue
            }
            judge(member.value, field, isNew: isNew, &judgement)
        }
        guard isNew else { return judgement }
        for field in fields where field.isRequired && field.isActive && given[field.name] == nil {
            judgement.faults.append(.init(field.name, .required))
        }
        return judgement
    }

    private func judge(_ value: JSONValue, _ field: CustomField, isNew: Bool, _ judgement: inout Judgement) {
        guard field.isActive else {
            judgement.faults.append(.init(field.name, .inactive))
            return
        }
        guard !isBlank(value, field) else {
            if field.isRequired {
                judgement.faults.append(.init(field.name, .required))
            } else if !isNew {
                judgement.values[field.name] = .null
            }
            return
        }
        let faults = faults(of: value, field)
        if faults.isEmpty {
            judgement.values[field.name] = value.number.map { .number(Self.plain($0)) } ?? value
        } else {
            judgement.faults += faults
        }
    }

    /// Whether the value says that there is none.
    private func isBlank(_ value: JSONValue, _ field: CustomField) -> Bool {
        switch value {
        case .null: true
        case .string(let text): field.type != .checkbox && text.allSatisfy(\.isWhitespace)
        case .array(let items): field.type == .multiselect && items.isEmpty && field.isRequired
        default: false
        }
    }

    private func faults(of value: JSONValue, _ field: CustomField) -> [CustomFieldFault] {
        func fault(_ code: CustomFieldFault.Code) -> [CustomFieldFault] { [.init(field.name, code)] }
        switch field.type {
        case .text:
            guard let text = value.string else { return fault(.wrongType("string")) }
            guard !text.utf8.contains(0) else { return fault(.invalidCharacter) }
            return text.unicodeScalars.count <= Self.textLimit ? [] : fault(.tooLong(Self.textLimit))
        case .number:
            guard let number = value.number else { return fault(.wrongType("number")) }
            return Self.isKept(number) ? [] : fault(.outOfRange)
        case .currency:
            guard let number = value.number else { return fault(.wrongType("number")) }
            return number.minorUnits(scale: decimals) != nil ? [] : fault(.tooManyDecimals(decimals))
        case .date:
            guard let text = value.string else { return fault(.wrongType("string")) }
            return text.utf8.count == 10 && Timestamp(rfc3339: text) != nil ? [] : fault(.notADate)
        case .select:
            guard let text = value.string else { return fault(.wrongType("string")) }
            return field.options.contains(text) ? [] : fault(.notOneOf(field.options))
        case .multiselect:
            guard let items = value.array else { return fault(.wrongType("array")) }
            guard items.count <= field.options.count else { return fault(.tooMany(field.options.count)) }
            return items.enumerated().compactMap { index, item in
                let code: CustomFieldFault.Code
                switch item.string {
                case nil: code = .wrongType("string")
                case let text? where !field.options.contains(text): code = .notOneOf(field.options)
                case _ where items[..<index].contains(item): code = .repeated
                default: return nil
                }
                return .init(field.name, code, at: index)
            }
        case .checkbox: return value.bool != nil ? [] : fault(.wrongType("boolean"))
        }
    }

    /// Up to 18 digits, nine of them behind the point: what is kept comes back as it was given, and PostgreSQL's
    /// numeric writes no thousand zeros for an exponent.
    private static func isKept(_ number: JSONNumber) -> Bool {
        (0...9).contains { number.minorUnits(scale: $0) != nil }
    }

    /// Without an exponent: PostgreSQL refuses large ones, of a zero too.
    private static func plain(_ number: JSONNumber) -> JSONNumber {
        guard number.text.contains(where: { $0 == "e" || $0 == "E" }) else { return number }
        for scale in 0...9 {
            if let units = number.minorUnits(scale: scale) { return JSONNumber(minorUnits: units, scale: scale) }
        }
        return number
    }
}
