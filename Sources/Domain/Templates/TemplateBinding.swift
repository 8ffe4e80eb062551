/// Puts given values into a template's slots, or tells every reason why they do not fit.
package enum TemplateBinding {
    /// - Parameters:
    ///   - mapped: what the admin's mappings yield, one for each slot; shorter when there are none.
    ///   - stored: the account's files that may be named.
    ///   - root: the pointer under which `variables` and `header_media` stand: empty, or `/fallback`.
    package static func bind(
        _ content: TemplateContent, variables: VariablesInput, mapped: [MappedValue?] = [],
        headerMedia: MediaReference? = nil, headerLocation: GeoLocation? = nil, stored: [Medium] = [], root: String = ""
    ) -> Result<BoundTemplate, BindingFaults> {
        var faults = HeaderMediaRule.faults(
            in: content, given: headerMedia, headerLocation, stored: stored, pointer: "\(root)/header_media")
        let filling = SlotFilling(
            content, given: GivenValues(variables, for: content.slots), mapped: mapped, root: "\(root)/variables")
        faults += filling.faults
        guard faults.isEmpty else { return .failure(BindingFaults(faults)) }
        return .success(content.bound(filling.variables, headerMedia: headerMedia, headerLocation))
    }
}

/// Why a binding failed: never empty.
package struct BindingFaults: Error, Sendable, Hashable {
    package let all: [BindingFault]

    init(_ all: [BindingFault]) { self.all = all }
}

/// A media header needs its file and a map's its place, and no other header takes one.
enum HeaderMediaRule {
    static func faults(
        in content: TemplateContent, given: MediaReference?, _ location: GeoLocation?, stored: [Medium],
        pointer: String
    ) -> [BindingFault] {
        if location != nil {
            guard content.header != .location else { return [] }
            let extra = BindingFault(pointer: "\(pointer)/location", code: .extra, component: "header")
            guard case .media? = content.header else { return [extra] }
            return [extra] + faults(in: content, given: given, nil, stored: stored, pointer: pointer)
        }
        switch (content.header, given) {
        case (.media, nil):
            return [BindingFault(pointer: pointer, code: .missing, component: "header")]
        case (.media, .id(let text)?), (.media, .link(let text)?):
            return ValueScan(text).isBlank ? [BindingFault(pointer: pointer, code: .empty, component: "header")] : []
        case (.media(let kind), .stored(let id)?):
            if let medium = stored.first(where: { $0.id == id }) {
                return medium.kind.rawValue == kind
                    ? [] : [BindingFault(pointer: "\(pointer)/id", code: .wrongType, component: "header", label: kind)]
            } else {
                return [BindingFault(pointer: "\(pointer)/id", code: .missing, component: "header", label: kind)]
            }
        case (.location, nil):
            return [BindingFault(pointer: pointer, code: .missing, component: "header", label: "LOCATION")]
        case (.location, _?):
            return [BindingFault(pointer: pointer, code: .wrongType, component: "header", label: "LOCATION")]
        case (.unsupported(let format), _):
            // Nothing that a caller can give fills it: the fault names what the header lacks.
            return [BindingFault(pointer: pointer, code: .missing, component: "header", label: format)]
        case (.text, _?), (nil, _?):
            return [BindingFault(pointer: pointer, code: .extra, component: "header")]
        case (.text, nil), (nil, nil):
            return []
        }
    }
}
