import Domain
import Storage

/// The bodies of custom fields.
enum CustomFieldBody {
    private enum Limit {
        static let label = 120
        static let option = 120
        static let options = 200
        static let order: Int64 = 1_000_000
    }

    /// - Returns: the field, with the id of none yet, and its place, unless it is behind the others.
    static func new(_ body: inout BodyReader) -> (field: CustomField, sortOrder: Int?) {
        let name = name(&body) ?? ""
        let type = body.word("field_type", CustomFieldType.self, isRequired: true) ?? .text
        let options = options(&body)
        check(options, type, &body)
        let field = CustomField(
            id: CustomField.ID(0), name: name, label: body.text("label", maximum: Limit.label) ?? name, type: type,
            options: options, isRequired: body.boolean("is_required") ?? false,
            isActive: body.boolean("is_active") ?? true, showOnCard: body.boolean("show_on_card") ?? false,
            sortOrder: 0)
        return (field, sortOrder(&body))
    }

    /// What a PATCH names; name and type are there to be told as they are.
    struct Changes: Sendable {
        var name: Change<String>
        var type: Change<CustomFieldType>
        var label: Change<String>
        var options: Change<[String]>
        var isRequired: Change<Bool>
        var isActive: Change<Bool>
        var showOnCard: Change<Bool>
        var sortOrder: Change<Int>

        /// - Throws: what only the field as it is can tell to be wrong.
        func applied(to old: CustomField) throws -> CustomField {
            var faults: [Problem.Detail] = []
            if name.applied(to: old.name) != old.name { faults.append(.init("/name", "not_allowed", Faults.fixed)) }
            if type.applied(to: old.type) != old.type {
                faults.append(.init("/field_type", "not_allowed", Faults.fixed))
            }
            if case .set(let options) = options, let fault = CustomFieldBody.fault(of: options, old.type) {
                faults.append(fault)
            }
            guard faults.isEmpty else { throw Problem.validation(faults) }
            return CustomField(
                id: old.id, name: old.name, label: label.applied(to: old.label), type: old.type,
                options: options.applied(to: old.options), isRequired: isRequired.applied(to: old.isRequired),
                isActive: isActive.applied(to: old.isActive), showOnCard: showOnCard.applied(to: old.showOnCard),
                sortOrder: sortOrder.applied(to: old.sortOrder))
        }
    }

    static func changes(_ body: inout BodyReader) -> Changes {
        Changes(
            name: body.change("name", name), type: body.change("field_type") { $0.word("field_type") },
            label: body.change("label") { $0.text("label", maximum: Limit.label, isRequired: true) },
            options: body.change("options", options),
            isRequired: body.change("is_required") { $0.boolean("is_required") },
            isActive: body.change("is_active") { $0.boolean("is_active") },
            showOnCard: body.change("show_on_card") { $0.boolean("show_on_card") },
            sortOrder: body.change("sort_order", sortOrder))
    }

    private static func name(_ body: inout BodyReader) -> String? {
        guard let name = body.text("name", maximum: 64, isRequired: true) else { return nil }
        guard CustomField.isName(name) else {
            body.fail("name", "invalid_format", Faults.fieldName)
            return nil
        }
        return name
    }

    private static func options(_ body: inout BodyReader) -> [String] {
        body.texts("options", maximum: Limit.option, count: Limit.options).uniqued()
    }

    private static func sortOrder(_ body: inout BodyReader) -> Int? {
        body.integer("sort_order", in: 0...Limit.order).map { Int($0) }
    }

    /// Options that are wrong in themselves have been told already.
    private static func check(_ options: [String], _ type: CustomFieldType, _ body: inout BodyReader) {
        guard !body.faults.contains(where: { $0.pointer.hasPrefix("/options") || $0.pointer == "/field_type" }),
            let fault = fault(of: options, type)
        else { return }
        body.add([fault])
    }

    /// Those types that choose need something to choose from, the others have nothing to do with it.
    private static func fault(of options: [String], _ type: CustomFieldType) -> Problem.Detail? {
        guard type.hasOptions == options.isEmpty else { return nil }
        return options.isEmpty
            ? .init("/options", "required", Faults.required)
            : .init("/options", "not_allowed", Faults.withoutOptions)
    }
}
