import Domain
import JSON

/// The bodies that say who a contact is.
enum ContactBody {
    /// In Unicode scalars, as a lead's.
    private enum Limit {
        static let short = 255
        static let phone = 64
        static let email = 254
        static let identifiers = 50
    }

    /// Reads every field of a contact that a caller can write; the reader keeps what is wrong with them.
    static func patch(_ body: inout BodyReader, _ account: Account) -> ContactPatch {
        var patch = ContactPatch()
        patch.name = body.clearable("name") { $0.text("name", maximum: Limit.short) }
        patch.phone = body.clearable("phone") { body in
            guard let text = body.text("phone", maximum: Limit.phone) else { return nil }
            let phone = PhoneNumber(text, defaultCountry: account.defaultCountry)
            if phone == nil { body.fail("phone", "invalid_phone", Faults.phone) }
            return phone
        }
        patch.email = body.clearable("email") { body in
            guard let text = body.text("email", maximum: Limit.email) else { return nil }
            let email = EmailAddress(text)
            if email == nil { body.fail("email", "invalid_email", Faults.email) }
            return email
        }
        patch.company = body.clearable("company") { $0.text("company", maximum: Limit.short) }
        patch.birthday = body.clearable("birthday") { $0.date("birthday") }
        return patch
    }

    static func identifiers(
        _ body: inout BodyReader, _ account: Account, lenient: Bool
    ) -> [ContactIdentifier] {
        body.objects("identifiers", count: Limit.identifiers, lenient: lenient) { identifier(&$0, account) }
    }

    /// `{"kind", "value", "scope"?}`
    static func identifier(_ body: inout BodyReader, _ account: Account) -> ContactIdentifier? {
        if !body.has("kind") { body.fail("kind", "required", Faults.required) }
        let kind = body.word("kind", ContactIdentifier.Kind.self)
        let scope = body.text("scope", maximum: Limit.short)
        guard let value = body.text("value", maximum: Limit.short, isRequired: true), let kind else { return nil }
        do throws(ContactIdentifier.Fault) {
            return try ContactIdentifier.read(kind, value, scope: scope, defaultCountry: account.defaultCountry)
        } catch {
            let (field, code, words) = said(error)
            body.fail(field, code, words)
            return nil
        }
    }

    static func said(_ fault: ContactIdentifier.Fault) -> (field: String, code: String, words: Words) {
        switch fault {
        case .phone: ("value", "invalid_phone", Faults.phone)
        case .email: ("value", "invalid_email", Faults.email)
        case .digits: ("value", "invalid_format", Faults.providerDigits)
        case .scopeMissing: ("scope", "required", Faults.required)
        case .scopeUnexpected: ("scope", "not_allowed", Faults.noScope)
        }
    }
}
