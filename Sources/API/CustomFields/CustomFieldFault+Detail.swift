import Domain
import JSON

extension CustomFieldFault {
    /// As an answer tells it.
    ///
    /// - Parameter pointer: where the values stand in the body.
    func detail(at pointer: String = "/custom_fields") -> Problem.Detail {
        var place = JSONPointer.appending(name, to: pointer)
        if let index { place = JSONPointer.appending(index, to: place) }
        return switch code {
        case .unknown: .init(place, "unknown_field", Faults.unknownField)
        case .inactive: .init(place, "inactive", Faults.inactiveField)
        case .required: .init(place, "required", Faults.required)
        case .wrongType(let type): .init(place, "wrong_type", Faults.wrongType, ["type": type])
        case .invalidCharacter: .init(place, "invalid_character", Faults.invalidCharacter)
        case .tooLong(let limit): .init(place, "too_long", Faults.tooLong, ["limit": String(limit)])
        case .outOfRange: .init(place, "out_of_range", Faults.digits)
        case .tooManyDecimals(let decimals):
            .init(place, "out_of_range", Faults.amount, ["decimals": String(decimals)])
        case .notADate: .init(place, "invalid_format", Faults.date)
        case .notOneOf(let options):
            .init(place, "not_allowed", Faults.notOneOf, ["values": options.joined(separator: ", ")])
        case .tooMany(let limit): .init(place, "too_many", Faults.tooMany, ["limit": String(limit)])
        case .repeated: .init(place, "repeated", Faults.repeatedValue)
        }
    }
}
