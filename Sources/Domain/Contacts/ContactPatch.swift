/// What a write says of a contact: the fields that it names, and nothing of the others.
package struct ContactPatch: Sendable {
    package var name: Change<String?> = .keep
    package var phone: Change<PhoneNumber?> = .keep
    package var email: Change<EmailAddress?> = .keep
    package var company: Change<String?> = .keep
    /// `YYYY-MM-DD`.
    package var birthday: Change<String?> = .keep

    package init() {}

    package func applied(to contact: Contact) -> Contact {
        var new = contact
        new.name = name.applied(to: contact.name)
        if case .set(let phone) = phone { new.phone = phone?.e164 }
        if case .set(let email) = email { new.email = email?.text }
        new.company = company.applied(to: contact.company)
        new.birthday = birthday.applied(to: contact.birthday)
        return new
    }
}
